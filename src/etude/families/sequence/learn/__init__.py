"""Learning a sequence model: data, network, memory, gate and critic within a budget."""
