r"""A large comparison on a cluster that SLURM runs: workers are its jobs, the store stays with this process.

Run it on a node from which jobs can be submitted, and which the workers can reach, in a session that lasts (tmux, or
a job of its own with one core)::

    pip install 'ahasd[dask]' dask-jobqueue
    python examples/slurm/sweep.py --queue short --account mine --jobs 8 -- \
        compare --all --seeds 100 --output results/all

What stands after ``--`` is a command of ahasd's. If this process or its node goes, the same command goes on.
``--local`` takes processes of this machine instead of jobs, to try a command out.
"""

import argparse
import subprocess
import sys
from typing import Any

#: Of a job: a process for each core, 300 MB for each process, and as much again for its neighbours.
CORES, MEMORY, WALLTIME = 32, "20GB", "02:00:00"


def slurm_cluster(options: argparse.Namespace) -> Any:
    """Ask SLURM for jobs; parameters as in the documentation of dask-jobqueue."""
    from dask_jobqueue import SLURMCluster

    cluster = SLURMCluster(
        queue=options.queue,
        account=options.account,
        cores=CORES,
        processes=CORES,
        memory=MEMORY,
        walltime=WALLTIME,
        interface=options.interface,
        # Workers end by themselves before SLURM ends them, one after the other; what they had in hand is run again.
        worker_extra_args=["--lifetime", "110m", "--lifetime-stagger", "5m"],
    )
    # Keeps so many jobs: one that has ended is replaced.
    cluster.adapt(minimum_jobs=options.jobs, maximum_jobs=options.jobs)
    return cluster


def local_cluster(options: argparse.Namespace) -> Any:
    """Take processes of this machine."""
    from distributed import LocalCluster

    return LocalCluster(n_workers=options.jobs, threads_per_worker=1, dashboard_address=None)


def main() -> int:
    """Start the cluster, run the command on it, and end the cluster."""
    parser = argparse.ArgumentParser(description="Run a command of ahasd's on the jobs of a SLURM cluster.")
    parser.add_argument("--queue", help="SLURM's partition")
    parser.add_argument("--account", help="whom the jobs are charged to")
    parser.add_argument("--interface", help="network that workers and this node share, such as ib0")
    parser.add_argument("--jobs", type=int, default=4, help="jobs, or with --local processes")
    parser.add_argument("--local", action="store_true", help="processes of this machine instead of jobs")
    parser.add_argument("command", nargs="+", help="after --, a command of ahasd's")
    options = parser.parse_args()
    with local_cluster(options) if options.local else slurm_cluster(options) as cluster:
        engine = ["--engine", "dask", "--scheduler", cluster.scheduler_address]
        return subprocess.run([sys.executable, "-m", "ahasd", *options.command, *engine]).returncode


if __name__ == "__main__":
    sys.exit(main())
