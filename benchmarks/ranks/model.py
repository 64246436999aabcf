"""What a step of several processes takes: the time of the processes without a network, and what the network adds.

Nothing is hidden: on a slow link, the short messages that computing waits for (the moments of each batch norm) queue up
behind gradients that were sent before them.
"""


def sent_bytes(weights, ranks):
    """The bytes of gradients that a rank sends in a step: a slice of its own to each rank, its sum to each rank."""
    return 8 * weights * (ranks - 1) / ranks


def step_seconds(computing, sent, exchanges, bits_per_second, round_trip):
    """The seconds of a step.

    computing        the step without a network: of one rank's share, or of all ranks on one machine
    sent             the bytes that a rank sends; it receives as many at the same time
    exchanges        how often a rank waits for a message of every other rank
    """
    return computing + 8 * sent / bits_per_second + exchanges * round_trip / 2
