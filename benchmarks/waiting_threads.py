"""What idle OpenMP threads cost on a busy machine: a transformer's matrix work while other processes take the cores.

`python -m benchmarks.waiting_threads` prints seconds for both wait policies, alone and beside one busy process a core.
"""

import multiprocessing
import os
import subprocess
import sys
import time

WORK = """
import time, torch
torch.set_num_threads(2)
x, w = torch.randn(640, 384), torch.randn(1536, 384)
def step():
    for _ in range(20):
        torch.nn.functional.layer_norm(torch.nn.functional.gelu(torch.nn.functional.linear(x, w)), (1536,))
step()
wall, cpu = time.perf_counter(), time.process_time()
for _ in range(15):
    step()
print(f"{time.perf_counter() - wall:.2f} s wall, {time.process_time() - cpu:.2f} s CPU")
"""
LIMIT_S = 300


def spin(until: float) -> None:
    """Keep a core busy until a moment of time.monotonic()."""
    while time.monotonic() < until:
        pass


def main() -> None:
    """Run each policy twice, A B B A, alone and beside busy processes."""
    for busy in (0, os.cpu_count() or 1):
        rivals = [multiprocessing.Process(target=spin, args=(time.monotonic() + LIMIT_S,), daemon=True) for _ in range(busy)]
        for rival in rivals:
            rival.start()
        for policy in ("ACTIVE", "PASSIVE", "PASSIVE", "ACTIVE"):
            done = subprocess.run(
                [sys.executable, "-c", WORK], env={**os.environ, "OMP_WAIT_POLICY": policy}, capture_output=True, text=True, timeout=LIMIT_S, check=True
            )
            print(f"{busy} busy processes, {policy}: {done.stdout.strip()}", flush=True)
        for rival in rivals:
            rival.terminate()


if __name__ == "__main__":
    main()
