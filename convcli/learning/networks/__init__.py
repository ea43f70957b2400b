"""Networks that learn: layers with their gradients, patches, optimizers and the training."""
