#!/bin/sh
# Tries a batch script like that of docs/guide/processes.md with SLURM on one host, which it starts and stops.
#
#     sh scripts/dev/trials/slurm.sh
#
# It needs root and Debian's packages slurm-wlm, munge and openmpi-bin. The job trains in two processes. After
# its first step SLURM is told to send SIGUSR1, as it does before a job's time is over. The script puts the job back into the
# queue, and the job resumes. Its weights must be those
# of an uninterrupted training of one process with two shards.
set -eu
cd "$(dirname "$0")/../../.."
program=$PWD/.build/release/dubkit
recipe=$PWD/scripts/dev/trials/small_training.lua
host=$(hostname -s)
work=$(mktemp -d)
finish() {
    scancel --full --quiet -u root 2>/dev/null || true
    for name in slurmd slurmctld munged; do
        id=$(cat "$work/$name.pid" 2>/dev/null) || continue
        kill "$id" 2>/dev/null || true
        # They write into the folder until they end.
        while kill -0 "$id" 2>/dev/null; do sleep 0.1; done
    done
    rm -rf "$work"
}
trap finish EXIT

# Munge gets its own key and socket, so that one that is already running is left alone.
dd if=/dev/urandom of="$work/munge.key" bs=128 count=1 status=none
chmod 700 "$work"
chmod 400 "$work/munge.key"
munged --force --socket "$work/munge.socket" --key-file "$work/munge.key" --pid-file "$work/munged.pid" \
    --log-file "$work/munged.log" --seed-file "$work/munge.seed"
mkdir "$work/state" "$work/spool"
cat >"$work/slurm.conf" <<CONF
ClusterName=trial
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CryptoType=crypto/munge
SlurmUser=root
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
OverTimeLimit=0
KillWait=30
MinJobAge=60
SchedulerParameters=bf_interval=1,sched_interval=5
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=trial Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$work/slurm.conf"
slurmctld
slurmd

cat >"$work/job.sh" <<JOB
#!/bin/sh
#SBATCH --ntasks=2 --time=00:10:00 --requeue --open-mode=append --output=$work/job.log
echo "attempt \${SLURM_RESTART_COUNT:-0}"
status=0
srun --mpi=pmix "$program" run "$recipe" steps=800 checkpoint_every=1000 --runs "$work/runs" --resume auto \\
    --progress plain || status=\$?
echo "ended with \$status"
if [ "\$status" -eq 75 ]; then scontrol requeue "\$SLURM_JOB_ID"; fi
JOB
id=$(sbatch --parsable "$work/job.sh")
echo "job $id"
until grep -q "^step " "$work/job.log" 2>/dev/null; do sleep 0.2; done
scancel --signal=USR1 "$id"
until grep -q "ended with 0" "$work/job.log" 2>/dev/null; do
    sleep 2
    if grep -q "ended with" "$work/job.log" 2>/dev/null && ! grep "ended with" "$work/job.log" | tail -n 1 | grep -q "75"; then
        break
    fi
    waited=$((${waited:-0} + 2))
    if [ "$waited" -gt 600 ]; then
        squeue
        break
    fi
done
grep -E "attempt|ended with|resum|processes|checkpoint" "$work/job.log"
grep -q "ended with 0" "$work/job.log"
grep -q "ended with 75" "$work/job.log"

"$program" run "$recipe" steps=800 checkpoint_every=1000 --runs "$work/whole" --shards 2 --progress none
cmp "$work"/runs/small/*/latest/model.safetensors "$work"/whole/small/*/latest/model.safetensors
echo "the same weights as one process with two shards"
