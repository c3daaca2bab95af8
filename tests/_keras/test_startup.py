"""Importing TensorFlow is quiet, loses nothing, and limits its threads.

Each test starts an interpreter, most with packages that stand in for Keras and
TensorFlow: they write the same lines, and take no time.
"""

import os
import subprocess
import sys
import textwrap
from functools import partial
from pathlib import Path

import pytest

import skdistill
from skdistill._keras.startup import thread_limit

BACKEND = "import types; backend = types.SimpleNamespace(backend=lambda: 'tensorflow')"
NOISE = """\
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795659632.548964    2851 cudart_stub.cc:31] Could not find cuda drivers on your machine.
To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow with the appropriate flags.
2024-03-01 10:11:12.131415: W tensorflow/core/common_runtime/gpu/gpu_device.cc:2256] Cannot dlopen some GPU libraries.
Skipping registering GPU devices...
2024-03-01 10:11:12.131415: E external/local_xla/xla/stream_executor/cuda/cuda_dnn.cc:9261] Unable to register.
"""
SEARCH = "E0000 00:00:1795659640.462768    2851 cuda_platform.cc:52] failed call to cuInit: UNKNOWN ERROR (303)\n"
OTHERS = """\
F0000 00:00:1795659640.462768    2851 cpu_feature_guard.cc:88] not available on your machine.
WARNING: mine
I0000 is a name
2024-03-01 10:11:12.131415: W mine/module.cc:1] careful
 50%|#####     | I0000 00:00:1795659632.548964    2851 cudart_stub.cc:31] behind a progress bar
To enable the following instructions, read on.

no end of line"""
TENSORFLOW = f"""
import contextlib, os, types
def say(text):
    with contextlib.suppress(OSError):
        os.write(2, text.encode())
say({NOISE!r})
config = types.SimpleNamespace(list_physical_devices=lambda: say({SEARCH!r}))
executing_eagerly = lambda: True
"""


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork processes")


def run_in(folder, code, keras="import tensorflow", tensorflow=TENSORFLOW, env=(), real=False, **options):
    """Run code in an interpreter of its own, by default with stand-ins."""
    paths = [Path(skdistill.__file__).parents[1]]
    if not real:
        paths.insert(0, folder / "packages")
        paths[0].mkdir()
        (paths[0] / "keras.py").write_text(f"{keras}\n{BACKEND}")
        (paths[0] / "tensorflow.py").write_text(tensorflow)
    (folder / "temporary").mkdir()
    chosen = ("TF_CPP_", "TF_NUM_", "OMP_NUM_THREADS")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(chosen)}
    environ |= {"PYTHONPATH": os.pathsep.join(map(str, paths)), "TMPDIR": str(folder / "temporary"), **dict(env)}
    code = "import os, sys, threading\nfrom skdistill._keras.startup import import_keras\n" + textwrap.dedent(code)
    options = {"capture_output": True, "text": True, "timeout": 120} | options
    result = subprocess.run([sys.executable, "-c", code], env=environ, **options)
    assert not list((folder / "temporary").iterdir())
    return result


@pytest.fixture
def run(tmp_path):
    """The function that runs code in an interpreter of its own."""
    return partial(run_in, tmp_path)


def test_it_hides_the_noise_and_nothing_else(run):
    result = run("import_keras()", keras=f"import os, tensorflow; os.write(2, {OTHERS!r}.encode())")
    # The line that has no end swallows what comes next: better one line too many than one too few.
    assert (result.returncode, result.stderr) == (0, OTHERS + SEARCH)


def test_it_shows_warnings_and_logs_of_python(run):
    keras = "import logging, tensorflow, warnings; warnings.warn('old'); logging.error('bad')"
    lines = run("import_keras()", keras=keras).stderr.splitlines()
    assert "UserWarning: old" in lines[0]
    assert lines[-1] == "ERROR:root:bad"


def test_it_leaves_nothing_behind(run):
    result = run("""
        def state():
            return sorted(os.listdir("/dev/fd")), os.fstat(2), os.get_inheritable(2), dict(os.environ), sys.stderr

        before = state()
        import_keras()
        assert state() == before
        os.write(2, b"heard")
        try:
            print(os.waitpid(-1, os.WNOHANG))
        except ChildProcessError:
            print("no child")
    """)
    assert (result.stderr, result.stdout) == ("heard", "no child\n")


@pytest.mark.parametrize(
    "env", [{"TF_CPP_MIN_LOG_LEVEL": "0"}, {"TF_CPP_MIN_LOG_LEVEL": ""}, {"TF_CPP_VMODULE": "context=1"}]
)
def test_it_does_nothing_where_the_user_chose_what_is_logged(run, env):
    assert run("import_keras()", env=env).stderr == NOISE


def test_it_does_nothing_where_tensorflow_is_imported(run):
    assert run("import tensorflow; import_keras()").stderr == NOISE


@pytest.mark.parametrize("missing", ["subprocess.Popen", "tempfile.NamedTemporaryFile"])
def test_without_a_shell_or_a_temporary_file_it_imports_with_noise(run, missing):
    result = run(f"""
        import subprocess, tempfile
        def fail(*args, **kwargs):
            raise FileNotFoundError
        {missing} = fail
        import_keras()
    """)
    assert (result.returncode, result.stderr) == (0, NOISE + SEARCH)


@pytest.mark.parametrize("before", ["sys.stderr = None", "sys.stderr.close()", "os.close(2)", "os.close(0)"])
def test_it_needs_no_stderr(run, before):
    result = run(f"{before}\nimport_keras()\nprint('tensorflow' in sys.modules)")
    assert (result.returncode, result.stdout, result.stderr) == (0, "True\n", "")


def test_it_leaves_a_file_alone_that_took_the_place_of_stderr(run, tmp_path):
    code = f"""
        with open({str(tmp_path / "mine")!r}, "w") as file:
            assert file.fileno() == 2
            import_keras()
    """
    result = run(code, tensorflow="import os; print(os.readlink('/proc/self/fd/2'))", preexec_fn=lambda: os.close(2))
    assert (result.returncode, result.stdout) == (0, f"{tmp_path / 'mine'}\n")


def test_it_does_not_fail_where_nobody_reads_stderr(run):
    read, write = os.pipe()
    os.close(read)
    code = "import_keras(); print('tensorflow' in sys.modules)"
    options = {"capture_output": False, "stdout": subprocess.PIPE, "stderr": write}
    assert run(code, keras="import os; os.write(2, b'mine')", **options).stdout == "True\n"
    os.close(write)


def test_a_failing_import_shows_everything(run):
    result = run("import_keras()", keras="import tensorflow; raise ImportError('broken')")
    assert result.stderr.startswith(NOISE + "Traceback")
    assert "ImportError: broken" in result.stderr
    assert "pip install 'skdistill[train]'" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", ["keras", "tensorflow"])
def test_a_missing_package_is_an_import_error(run, name):
    result = run(f"sys.modules[{name!r}] = None\nimport_keras()")
    assert "ImportError: Training and to_keras() need TensorFlow" in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("death", ["libc.abort()", "os._exit(1)", "os.kill(os.getpid(), 9)"])
def test_a_process_that_dies_shows_everything(run, death):
    # PyDLL keeps the global interpreter lock, as the loading of a library does.
    keras = f"import ctypes, os, tensorflow; libc = ctypes.PyDLL(None); libc.write(2, b'F no AVX', 8); {death}"
    result = run("import_keras()", keras=keras)
    assert result.returncode != 0
    assert result.stderr == NOISE + "F no AVX"


def test_what_other_threads_write_is_shown(run):
    result = run("""
        done = threading.Event()
        def speak():
            number = 0
            while number < 100 or not done.wait(0.001):
                sys.stderr.write(f"line {number}\\n")
                number += 1
            print(number)
        thread = threading.Thread(target=speak)
        thread.start()
        import_keras()
        done.set()
        thread.join()
    """, keras="import tensorflow, time; time.sleep(0.5)")  # fmt: skip
    assert sorted(result.stderr.splitlines()) == sorted(f"line {i}" for i in range(int(result.stdout)))


def test_two_threads_can_import_at_once(run):
    result = run("""
        before = os.fstat(2)
        threads = [threading.Thread(target=import_keras) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        assert os.fstat(2) == before
    """, keras="import tensorflow, time; time.sleep(0.5)")  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("function", ["import_keras", "check_available"])
def test_without_eager_execution_an_error_says_so(run, function):
    code = f"from skdistill._keras.startup import {function}; import tensorflow; {function}()"
    error = run(code, tensorflow=f"{TENSORFLOW}\nexecuting_eagerly = lambda: False").stderr.splitlines()[-1]
    assert error.startswith("RuntimeError: ")
    assert "disable_eager_execution" in error


@pytest.mark.parametrize(
    ("value", "limit"),
    [("1", 1), (" 3 ", 3), ("4,2", 4), ("2,", 2), ("64", 8), ("9" * 5000, 0)]
    + [(value, 0) for value in ("", "0", "-1", "abc", "1.5", ",2", "0,2")],
)
def test_the_limit_is_the_first_number_of_omp_num_threads_and_at_most_the_cores(value, limit):
    assert thread_limit({"OMP_NUM_THREADS": value}, n_cores=8) == limit


@pytest.mark.parametrize("name", ["TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"])
def test_the_variables_of_tensorflow_have_precedence_over_omp_num_threads(name):
    assert thread_limit({"OMP_NUM_THREADS": "1", name: "2"}, n_cores=8) == 0
    assert thread_limit({}, n_cores=8) == 0


THREADS = f"""{TENSORFLOW}
numbers = {{"intra": 0, "inter": 0}}
def set_number(pool, number):
    if is_started:
        raise RuntimeError
    numbers[pool] = number
is_started = False
config.threading = types.SimpleNamespace(
    get_intra_op_parallelism_threads=lambda: numbers["intra"],
    get_inter_op_parallelism_threads=lambda: numbers["inter"],
    set_intra_op_parallelism_threads=lambda number: set_number("intra", number),
    set_inter_op_parallelism_threads=lambda number: set_number("inter", number),
)
"""


@pytest.mark.parametrize(
    ("code", "keras", "numbers"),
    [
        ("", "", [1, 1]),
        ("import tensorflow", "", [0, 0]),
        ("", "tensorflow.numbers['inter'] = 4", [0, 4]),  # by another thread, or as a module is imported
        ("", "tensorflow.is_started = True", [0, 0]),
    ],
    ids=["first", "imported", "configured", "started"],
)
def test_the_limit_holds_unless_the_user_has_imported_configured_or_started_tensorflow(run, code, keras, numbers):
    code += "\nbefore = dict(os.environ); import_keras(); import tensorflow; import_keras()"
    code += "\nassert os.environ == before; print(list(tensorflow.numbers.values()))"
    result = run(code, keras=f"import tensorflow\n{keras}", tensorflow=THREADS, env={"OMP_NUM_THREADS": "1"})
    assert result.stdout == f"{numbers}\n", result.stderr


IN_A_FORK = """
def in_a_fork(function):
    "Call it in a forked process and return what it returns, or the error as a text."
    answers = fork.Queue()
    def answer():
        try:
            answers.put(function())
        except Exception as error:  # any error is the answer of the process
            answers.put(f"{type(error).__name__}: {error}")
    process = fork.Process(target=answer)
    process.start()
    try:
        return answers.get(timeout=60)
    finally:
        process.kill()

import multiprocessing
fork = multiprocessing.get_context("fork")
"""


@needs_fork
def test_a_process_forked_after_the_import_gets_an_error_and_one_forked_before_does_not(run):
    result = run(f"""{IN_A_FORK}
from skdistill._keras.startup import check_available
print(in_a_fork(import_keras))
import_keras()
print(in_a_fork(import_keras))
print(in_a_fork(check_available))
import_keras()
""")
    before, *after = result.stdout.splitlines()
    assert before == "None", result.stderr
    assert [error.split(":")[0] for error in after] == ["RuntimeError"] * 2
    assert all("loky" in error for error in after)


# With the real packages.

TRAIN = """
import keras, tensorflow as tf
model = keras.Sequential([keras.layers.Embedding(5, 4), keras.layers.GRU(4), keras.layers.Dense(2)])
x = tf.ones((8, 6), tf.int32)
model(x)
optimizer = keras.optimizers.Adam()
@tf.function
def step(x):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(x) ** 2)
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
step(x)
"""


@pytest.mark.slow
def test_in_a_worker_of_joblib_training_is_silent_and_its_threads_limited_until_the_user_configures_them(run):
    pytest.importorskip("tensorflow")
    result = run(
        f"""
def train(caller):
    import_keras()
    import tensorflow as tf
    assert tf.config.threading.get_intra_op_parallelism_threads() == int(os.environ["OMP_NUM_THREADS"])
    assert tf.config.threading.get_inter_op_parallelism_threads() == int(os.environ["OMP_NUM_THREADS"])
    tf.config.threading.set_intra_op_parallelism_threads(3)
    tf.config.threading.set_inter_op_parallelism_threads(3)
    cpu, = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    tf.config.set_visible_devices([], "GPU")
    exec({TRAIN!r}, {{}})
    assert len(tf.config.list_logical_devices("CPU")) == 2
    print("mine", os.getpid() == caller, file=sys.stderr)

if __name__ == "__main__":
    import joblib
    joblib.Parallel(2)([joblib.delayed(train)(os.getpid())])  # with 2 jobs, one task runs in a worker too
""",
        real=True,
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == "mine False\n"


FIT_AND_FORK = f"""{IN_A_FORK}
import pickle
from skdistill import DistilledTextClassifier

def build(n_tokens, n_classes, seed):
    import keras
    layers = keras.layers.Embedding(n_tokens, 4), keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(n_classes)
    return keras.Sequential([keras.Input((None,), dtype="int32"), *layers])

texts, labels = ["good food", "bad food"] * 5, ["pos", "neg"] * 5
fitted = DistilledTextClassifier(build, predict_with="auxiliary", max_iter=1, random_state=0).fit(texts, labels)
custom = pickle.loads(pickle.dumps(fitted)).set_params(predict_with="main")
for classifier in (fitted, fitted.extract("auxiliary")):
    assert in_a_fork(lambda: classifier.predict(texts)).tolist() == classifier.predict(texts).tolist()
assert in_a_fork(lambda: len(pickle.dumps(fitted))) == len(pickle.dumps(fitted))
unused = in_a_fork(lambda: custom.predict(texts))
custom.predict(texts)
print(unused)
for work in (
    lambda: custom.predict(texts),
    lambda: fitted.to_keras(),
    lambda: fitted.fit(texts, labels),
    lambda: DistilledTextClassifier(max_iter=1).fit(texts, labels),
):
    print(in_a_fork(work))
"""


@pytest.fixture(scope="module")
def forking(tmp_path_factory):
    """The result of a process that fits, with everything that TensorFlow logs, and then forks others."""
    pytest.importorskip("tensorflow")
    folder = tmp_path_factory.mktemp("forking")
    return run_in(folder, FIT_AND_FORK, real=True, env={"TF_CPP_MIN_LOG_LEVEL": "0"})


@pytest.mark.slow
@needs_fork
def test_the_level_that_the_user_set_holds(forking):
    assert "This TensorFlow binary is optimized" in forking.stderr


@pytest.mark.slow
@needs_fork
def test_after_a_fit_a_forked_process_predicts_without_tensorflow_and_fails_at_once_with_it(forking):
    assert forking.returncode == 0, forking.stderr
    errors = forking.stdout.splitlines()
    assert len(errors) == 5
    assert all(error.startswith("RuntimeError: TensorFlow has run in the process") for error in errors)


@pytest.mark.slow
@needs_fork
def test_after_other_code_has_run_tensorflow_a_forked_process_fails_at_once_and_after_its_import_alone_does_not(run):
    pytest.importorskip("tensorflow")
    result = run(
        f"""{IN_A_FORK}
import tensorflow
from skdistill._keras.startup import check_available
print(in_a_fork(check_available))
tensorflow.ones(2)
print(in_a_fork(check_available))
""",
        real=True,
        env={"TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    before, after = result.stdout.splitlines()
    assert before == "None", result.stderr
    assert after.startswith("RuntimeError: TensorFlow has run in the process")
