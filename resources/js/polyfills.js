// What scripts expect of the language, and the engine, at ECMAScript 2016 and a little, lacks.
(function (global) {
    const add = (target, members) => Object.keys(members).forEach(name => {
        if (!(name in target))
            Object.defineProperty(target, name, { value: members[name], writable: true, configurable: true });
    });
    const index = (length, i) => (i = Math.trunc(i) || 0) < 0 ? length + i : i;

    add(global, { globalThis: global });
    add(Symbol, { asyncIterator: Symbol("Symbol.asyncIterator") });
    add(Object, {
        fromEntries(entries) {
            const object = {};
            for (const entry of entries)
                object[entry[0]] = entry[1];
            return object;
        },
        hasOwn: (object, key) => Object.prototype.hasOwnProperty.call(object, key),
        groupBy(items, key) {
            const groups = Object.create(null);
            let i = 0;
            for (const item of items) {
                const name = key(item, i++);
                (groups[name] = groups[name] || []).push(item);
            }
            return groups;
        },
    });

    function flatten(into, array, depth) {
        array.forEach(value => Array.isArray(value) && depth >= 1 ? flatten(into, value, depth - 1) : into.push(value));
        return into;
    }
    add(Array.prototype, {
        flat(depth) { return flatten([], this, depth === undefined ? 1 : depth); },
        flatMap(map, self) { return flatten([], this.map(map, self), 1); },
        at(i) { return this[index(this.length, i)]; },
        findLast(test, self) { return this[this.findLastIndex(test, self)]; },
        findLastIndex(test, self) {
            for (let i = this.length - 1; i >= 0; --i)
                if (test.call(self, this[i], i, this))
                    return i;
            return -1;
        },
        toSorted(compare) { return this.slice().sort(compare); },
        toReversed() { return this.slice().reverse(); },
        toSpliced() {
            const copy = this.slice();
            copy.splice.apply(copy, arguments);
            return copy;
        },
        with(i, value) {
            const copy = this.slice();
            copy[index(this.length, i)] = value;
            return copy;
        },
    });
    add(Object.getPrototypeOf(Int8Array.prototype), { at(i) { return this[index(this.length, i)]; } });

    const escaped = text => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    const wantsGlobal = (pattern, name) => {
        if (pattern instanceof RegExp && !pattern.global)
            throw new TypeError(name + "() takes a regular expression with the flag g");
    };
    add(String.prototype, {
        at(i) { return this[index(this.length, i)]; },
        trimStart() { return this.replace(/^\s+/, ""); },
        trimEnd() { return this.replace(/\s+$/, ""); },
        replaceAll(pattern, replacement) {
            wantsGlobal(pattern, "replaceAll");
            return this.replace(pattern instanceof RegExp ? pattern : new RegExp(escaped(String(pattern)), "g"), replacement);
        },
        matchAll(pattern) {
            wantsGlobal(pattern, "matchAll");
            const text = String(this), regex = new RegExp(pattern, pattern instanceof RegExp ? pattern.flags : "g");
            return (function* () {
                for (let match; (match = regex.exec(text)) !== null;) {
                    if (match[0] === "")
                        ++regex.lastIndex;
                    yield match;
                }
            })();
        },
    });

    // Literals are looked at before a script is run; these are made while it does.
    const Plain = RegExp;
    const Checked = function RegExp(pattern, flags) {
        const source = pattern instanceof Plain ? pattern.source : String(pattern);
        if (/(^|[^\\])(\\\\)*\(\?</.test(source))
            throw new SyntaxError("the script engine would silently get named groups and lookbehind in regular expressions "
                                  + "wrong: use numbered groups, and match what stands before instead: " + source);
        return flags === undefined ? new Plain(pattern) : new Plain(pattern, flags);
    };
    Checked.prototype = Plain.prototype;
    Object.defineProperty(Plain.prototype, "constructor", { value: Checked, writable: true, configurable: true });
    Object.defineProperty(global, "RegExp", { value: Checked, writable: true, configurable: true });

    function clone(value, seen) {
        if (typeof value === "function" || typeof value === "symbol")
            throw new TypeError("structuredClone: functions and symbols cannot be cloned");
        if (value === null || typeof value !== "object")
            return value;
        if (seen.has(value))
            return seen.get(value);
        const keep = copy => {
            seen.set(value, copy);
            return copy;
        };
        if (value instanceof Date)
            return keep(new Date(value.getTime()));
        if (value instanceof Plain)
            return keep(new Plain(value.source, value.flags));
        if (value instanceof ArrayBuffer)
            return keep(value.slice(0));
        if (ArrayBuffer.isView(value))
            return keep(new value.constructor(value));
        if (value instanceof Map) {
            const copy = keep(new Map());
            value.forEach((element, key) => copy.set(clone(key, seen), clone(element, seen)));
            return copy;
        }
        if (value instanceof Set) {
            const copy = keep(new Set());
            value.forEach(element => copy.add(clone(element, seen)));
            return copy;
        }
        const copy = keep(Array.isArray(value) ? [] : value instanceof Error ? new value.constructor(value.message) : {});
        Object.keys(value).forEach(key => copy[key] = clone(value[key], seen));
        return copy;
    }
    add(global, { structuredClone: value => clone(value, new Map()) });

    add(global, {
        TextEncoder: class TextEncoder {
            encode(text) {
                const bytes = unescape(encodeURIComponent(text === undefined ? "" : text));
                return Uint8Array.from(bytes, byte => byte.charCodeAt(0));
            }
        },
        TextDecoder: class TextDecoder {
            decode(bytes) {
                const codes = Array.from(new Uint8Array(bytes.buffer || bytes, bytes.byteOffset || 0, bytes.byteLength));
                return decodeURIComponent(codes.map(code => "%" + (code < 16 ? "0" : "") + code.toString(16)).join(""));
            }
        },
    });
})
