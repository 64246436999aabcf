#!/bin/sh
# Builds the wheel, installs it into a fresh virtual environment, and compares the package with the program: on films of
# samples/movies and on sounds of several rates; and reads and writes tar files next to the packages webdataset and
# datasets. Without the network that pip needs for onnxruntime and the others, nothing is compared, which is said loudly.
set -eu
cd "$(dirname "$0")/../.."
dubkit=$PWD/.build/release/dubkit
folder=$PWD/.build/python
python=${PYTHON:-python3}

rm -rf "$folder/env" "$folder/tests"
"$python" -m venv "$folder/env"
env=$folder/env/bin/python
wheel=$(ls "$folder"/dubkit-*.whl)
if ! "$env" -m pip install -q "$wheel[sound,video]" pyarrow datasets webdataset 2>"$folder/pip.log"; then
    echo "**********************************************************************"
    echo "SKIPPED: the Python package is not tested, because its dependencies"
    echo "cannot be installed here:"
    tail -n 3 "$folder/pip.log"
    echo "**********************************************************************"
    exit 0
fi

tests=$folder/tests
mkdir -p "$tests/films" "$tests/sounds"
for film in 001.mp4 002.mkv 003.mp4 004.mkv 005.mp4 006.mkv 007.mp4 008.mkv; do
    ln -s "$PWD/samples/movies/film-$film" "$tests/films/film-$film"
done
"$env" python/tests/make_sounds.py "$tests/sounds"
for kind in stereo mono; do
    mono=false
    [ $kind = stereo ] || mono=true
    "$dubkit" run python/tests/make_run.lua --set "data=$tests/films" --set "mono=$mono" --runs "$tests/runs-$kind" -q --progress none
    "$dubkit" export "$tests/runs-$kind/python_tests" --out "$tests/$kind" -q >/dev/null
    "$dubkit" embed "$tests/films" --run "$tests/runs-$kind/python_tests" --out "$tests/features-$kind" -q
    "$dubkit" embed "$tests/sounds" --run "$tests/runs-$kind/python_tests" --views audio --out "$tests/features-sounds-$kind" -q
done
"$dubkit" embed "$tests/sounds" --run "$tests/runs-stereo/python_tests" --views audio --rows timestamp --hop 0.5 \
    --out "$tests/features-timestamps" -q
DUBKIT_TESTS=$tests DUBKIT_FILMS=$tests/films DUBKIT_SOUNDS=$tests/sounds DUBKIT_PROGRAM=$dubkit "$env" -m unittest discover -s python/tests
