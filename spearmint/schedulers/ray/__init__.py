"""Ray: jobs as actors of a cluster that exists, or of one on this machine for the time of a run.

`creation` makes the `scheduler`, which runs in the controller and starts the `driver`, a process
that is connected to Ray. The driver creates an `actor` for each job, in a process of Ray's on some
node. The actor starts a `guard` on that node, and the guard the job itself.

Why a driver: Ray's library ends its process when the head of the cluster dies, and sets signal
handlers. Why an actor and not a task: a task ends with the driver that submitted it, while a
detached actor outlives it, and any controller finds it by its name. That name is the durable id.
Why a guard: Ray kills its processes without notice, and the job has to be put back.
"""
