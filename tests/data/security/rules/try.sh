# Runs each of forms/* in a fresh folder and tells which ones did not start bin/deploy.
cd "$(dirname "$0")"; top=$PWD; export PATH=$top/bin:$PATH
for form in forms/*; do
    mkdir place; cd place
    HOME=$PWD timeout 20 bash -c "$(cat "../$form")" >out 2>err </dev/null
    cd ..
    if [ ! -e reached ]; then
        if grep -q 'not found' place/err; then echo "skipped ${form#forms/}"; else echo "missed ${form#forms/}"; fi
    fi
    rm -rf place reached
done
echo tried
