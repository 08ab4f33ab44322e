// The promises of scripts, in place of the engine's own: of these every rejection that nobody handles is known, their
// jobs run at once after what made them, and nothing is missing. ECMAScript 2025, section 27.2. In the engine's own words:
// what stands here is not bundled.
(function (unhandled) {
    const STATE = Symbol("state"), VALUE = Symbol("value"), REACTIONS = Symbol("reactions"), HANDLED = Symbol("handled");
    const PENDING = 0, FULFILLED = 1, REJECTED = 2;
    let jobs = [], next = 0;
    const rejected = new Set();

    function drain() {
        while (next < jobs.length) {
            const job = jobs[next++];
            job();
            if (next === 1024) { // what is done need not be kept
                jobs = jobs.slice(next);
                next = 0;
            }
        }
        jobs = [];
        next = 0;
        rejected.forEach(promise => unhandled(promise[VALUE]));
        rejected.clear();
    }

    function settle(promise, state, value) {
        const reactions = promise[REACTIONS];
        promise[STATE] = state;
        promise[VALUE] = value;
        promise[REACTIONS] = undefined;
        if (state === REJECTED && !promise[HANDLED])
            rejected.add(promise);
        for (let i = 0; i < reactions.length; ++i)
            react(promise, reactions[i]);
    }

    function react(promise, reaction) {
        jobs.push(() => {
            const ok = promise[STATE] === FULFILLED, handler = ok ? reaction.fulfilled : reaction.rejected;
            if (typeof handler !== "function")
                return (ok ? reaction.resolve : reaction.reject)(promise[VALUE]);
            let value;
            try {
                value = handler(promise[VALUE]);
            } catch (error) {
                return reaction.reject(error);
            }
            reaction.resolve(value);
        });
    }

    function resolving(promise) {
        let done = false;
        const reject = reason => {
            if (!done)
                settle(promise, REJECTED, reason);
            done = true;
        };
        const resolve = value => {
            if (done)
                return;
            if (value === promise)
                return reject(new TypeError("a promise cannot be resolved with itself"));
            if (value === null || typeof value !== "object" && typeof value !== "function") {
                done = true;
                return settle(promise, FULFILLED, value);
            }
            let then;
            try {
                then = value.then;
            } catch (error) {
                return reject(error);
            }
            done = true;
            if (typeof then !== "function")
                return settle(promise, FULFILLED, value);
            const both = resolving(promise);
            jobs.push(() => {
                try {
                    then.call(value, both.resolve, both.reject);
                } catch (error) {
                    both.reject(error);
                }
            });
        };
        return { resolve, reject };
    }

    function capability(C) {
        const made = {};
        made.promise = new C((resolve, reject) => {
            made.resolve = resolve;
            made.reject = reject;
        });
        return made;
    }

    /// Calls `each(index, value, capability)` for each, and `end(count, capability)` when all were seen.
    function combine(C, values, each, end) {
        const made = capability(C);
        try {
            let count = 0;
            for (const value of values)
                each(count++, C.resolve(value), made);
            end(count, made);
        } catch (error) {
            made.reject(error);
        }
        return made.promise;
    }

    /// One result from all: `hit` and `miss` make an element of what a promise came to, or are absent where that ends it.
    function gather(C, values, hit, miss, whole) {
        const results = [];
        let open = 1;
        const finish = made => --open || whole(results, made);
        return combine(C, values, (i, promise, made) => {
            const keep = element => value => {
                results[i] = element(value);
                finish(made);
            };
            ++open;
            promise.then(hit ? keep(hit) : made.resolve, miss ? keep(miss) : made.reject);
        }, (count, made) => {
            results.length = count;
            finish(made);
        });
    }

    class Promise {
        constructor(executor) {
            if (typeof executor !== "function")
                throw new TypeError("new Promise() takes a function");
            [STATE, VALUE, REACTIONS, HANDLED].forEach((key, i) =>
                Object.defineProperty(this, key, { value: [PENDING, undefined, [], false][i], writable: true }));
            const both = resolving(this);
            try {
                executor(both.resolve, both.reject);
            } catch (error) {
                both.reject(error);
            }
        }

        then(fulfilled, rejectedHandler) {
            const made = capability(this.constructor);
            const reaction = { fulfilled, rejected: rejectedHandler, resolve: made.resolve, reject: made.reject };
            if (this[STATE] === PENDING)
                this[REACTIONS].push(reaction);
            else
                react(this, reaction);
            this[HANDLED] = true;
            rejected.delete(this);
            return made.promise;
        }

        catch(handler) {
            return this.then(undefined, handler);
        }

        finally(handler) {
            const C = this.constructor;
            if (typeof handler !== "function")
                return this.then(handler, handler);
            return this.then(value => C.resolve(handler()).then(() => value),
                             error => C.resolve(handler()).then(() => { throw error; }));
        }

        static resolve(value) {
            if (value instanceof Promise && value.constructor === this)
                return value;
            const made = capability(this);
            made.resolve(value);
            return made.promise;
        }

        static reject(reason) {
            const made = capability(this);
            made.reject(reason);
            return made.promise;
        }

        static withResolvers() {
            return capability(this);
        }

        static all(values) {
            return gather(this, values, value => value, undefined, (results, made) => made.resolve(results));
        }

        static allSettled(values) {
            return gather(this, values, value => ({ status: "fulfilled", value }),
                          reason => ({ status: "rejected", reason }), (results, made) => made.resolve(results));
        }

        static any(values) {
            return gather(this, values, undefined, reason => reason, (errors, made) => {
                const error = new Error("all promises were rejected");
                error.name = "AggregateError";
                error.errors = errors;
                made.reject(error);
            });
        }

        static race(values) {
            return combine(this, values, (i, promise, made) => promise.then(made.resolve, made.reject), () => {});
        }
    }
    Object.defineProperty(Promise.prototype, Symbol.toStringTag, { value: "Promise", configurable: true });

    return { Promise, drain, enqueue: job => jobs.push(job) };
})
