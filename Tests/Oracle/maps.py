"""Reference for the maps of reports: principal components and exact t-SNE of scikit-learn.

Writes Tests/ReportTests/Fixtures/maps.json. The rows come from a formula that the Swift tests share.
"""
import json
import pathlib

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.manifold._t_sne import _joint_probabilities
from sklearn.metrics import pairwise_distances
from scipy.spatial.distance import squareform

COUNT, WIDTH, GROUPS, PERPLEXITY = 90, 12, 3, 15


def rows():
    """Three groups, each far from the others along one axis, with noise that never repeats."""
    i, j = np.arange(COUNT)[:, None], np.arange(WIDTH)[None, :]
    return 6.0 * (i % GROUPS == j) + np.sin(12.9898 * (i + 1) + 78.233 * (j + 1) * (i + 2))


data = rows()
pca = PCA(n_components=4, svd_solver="full").fit(data)
places = pca.transform(data)
start = (places[:, :2] / places[:, 0].std() * 1e-4).astype(np.float32)
tsne = TSNE(perplexity=PERPLEXITY, method="exact", init=start, learning_rate="auto", max_iter=1000)
tsne.fit(data)
joint = squareform(_joint_probabilities(pairwise_distances(data, squared=True), PERPLEXITY, 0))
out = pathlib.Path(__file__).parents[2] / "Tests/ReportTests/Fixtures/maps.json"
out.write_text(json.dumps({
    "shares": pca.explained_variance_ratio_.tolist(),
    "places": np.abs(places[:5]).tolist(),
    "joint": joint[0, :12].tolist(),
    "divergence": float(tsne.kl_divergence_),
}))
