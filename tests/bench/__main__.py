"""Run every benchmark: `python -m tests.bench`."""

from tests.bench import bench_compile

if __name__ == "__main__":
    bench_compile.main()
