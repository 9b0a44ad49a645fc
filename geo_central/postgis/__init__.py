"""A private PostGIS server for one checkout: nothing of ours is imported, and no Django.

    from geo_central.postgis import Cluster, ClusterError

    url = Cluster("var/postgis").start()

or `python3 -m geo_central.postgis start`. See Cluster for what it promises and ClusterError for how it fails.
"""

from geo_central.postgis.cluster import DEFAULT_BASE, Cluster, Status
from geo_central.postgis.errors import ClusterError

__all__ = ["DEFAULT_BASE", "Cluster", "ClusterError", "Status"]
