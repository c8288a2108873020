"""Run every benchmark: `python -m tests.bench`."""

from tests.bench import bench_canvas, bench_compile, bench_document

if __name__ == "__main__":
    bench_compile.main()
    bench_document.main()
    bench_canvas.main()
