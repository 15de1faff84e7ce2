"""The rows that a network is trained, validated and tested on."""
