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
trap 'signalled=yes; kill -TERM "$shard"' TERM
'/opt/night shift/nightshift' batch --input items.csv --check 'make -C {{cwd}} check' --shard auto &
shard=$! signalled=yes
while [ $signalled ]; do
    signalled=
    wait "$shard"
    code=$?
    [ $code -gt 128 ] || break
done
[ $code = 75 ] && scontrol requeue "$SLURM_JOB_ID" # it goes on where it was
exit $code
SHARDS
) || exit
sbatch --dependency=afterany:"$id" --job-name=audit-the-headers-merge --wrap "cd /data/project && '/opt/night shift/nightshift' batch merge /data/project/out"
