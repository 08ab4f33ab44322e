#!/bin/bash
# Where sbatch is, this submits the shards, and the merge that waits for them.
id=$(sbatch --parsable <<'SHARDS'
#!/bin/bash
#SBATCH --job-name=audit-the-headers
#SBATCH --array=0-3
#SBATCH --requeue
#SBATCH --signal=B:TERM@120
#SBATCH --open-mode=append
cd /data/project || exit 2
'/opt/night shift/nightshift' batch --input items.csv --check 'make -C {{cwd}} check' --shard auto &
trap 'kill -TERM $!' TERM
wait $!
code=$?
while kill -0 $! 2>/dev/null; do wait $!; code=$?; done
[ $code = 75 ] && scontrol requeue "$SLURM_JOB_ID"
exit $code
SHARDS
) || exit
sbatch --dependency=afterany:"$id" --job-name=audit-the-headers-merge --wrap "cd /data/project && '/opt/night shift/nightshift' batch merge /data/project/out"
