export WHERE="the gpu"
