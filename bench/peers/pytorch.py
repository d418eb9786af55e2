"""The VAE in PyTorch, eager or with --compile: the data on the device, batches by indexing, fused Adam."""

import torch
from torch import nn
from torch.nn import functional as F

import common
from common import BATCH, HIDDEN, LATENT, PIXELS


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(PIXELS, HIDDEN[0]), nn.ReLU(), nn.Linear(*HIDDEN), nn.ReLU())
        self.mean = nn.Linear(HIDDEN[1], LATENT)
        self.log_variance = nn.Linear(HIDDEN[1], LATENT)
        self.decoder = nn.Sequential(nn.Linear(LATENT, HIDDEN[1]), nn.ReLU(), nn.Linear(*reversed(HIDDEN)), nn.ReLU(),
                                     nn.Linear(HIDDEN[0], PIXELS))
        linear = [m for m in self.modules() if isinstance(m, nn.Linear)]
        for layer in linear:
            followed_by_relu = layer not in (self.mean, self.log_variance, linear[-1])
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu" if followed_by_relu else "linear")
            nn.init.zeros_(layer.bias)

    def forward(self, levels):
        """The mean loss of a batch of grey levels, uint8 [batch, 784]: nats per image."""
        x = levels.float() / 255
        hidden = self.encoder(x)
        mean, log_variance = self.mean(hidden), self.log_variance(hidden)
        z = mean
        if self.training:
            z = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
        cross_entropy = F.binary_cross_entropy_with_logits(self.decoder(z), x, reduction="sum")
        kl = (mean.square() + log_variance.exp() - 1 - log_variance).sum() / 2
        return (cross_entropy + kl) / len(levels)


args = common.arguments()
torch.manual_seed(args.seed)
data = torch.from_numpy(common.images(args.data, "train")[:args.images].copy())
model = VAE()
loss_of = torch.compile(model) if args.compile else model
optimizer = torch.optim.Adam(model.parameters(), lr=common.RATE, fused=True)


def epoch(_):
    order = torch.randperm(len(data))
    for rows in order[:len(order) // BATCH * BATCH].split(BATCH):
        optimizer.zero_grad()
        loss_of(data[rows]).backward()
        optimizer.step()


seconds = common.train(args.epochs, epoch)
model.eval()
with torch.no_grad():
    loss = model(torch.from_numpy(common.images(args.data, "t10k").copy()))
common.finish(seconds, loss, "torch")
