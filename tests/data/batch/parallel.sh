#!/bin/bash
# Run again, it goes on: parallel repeats the shards that failed, and each knows what is done.
cd /data/project || exit 2
mkdir -p /data/project/out
parallel --joblog /data/project/out/parallel.log --resume-failed "'/opt/night shift/nightshift' batch --input items.csv --check 'make -C {{cwd}} check' --shard {}/4" ::: $(seq 4)
'/opt/night shift/nightshift' batch merge /data/project/out
