class Base {
    static made = 0;
    name = "base";
    #secret = 1;
    static #count = 40;

    get secret() { return this.#secret; }
    bump() { return ++this.#secret + Base.#count; }
    has(other) { return #secret in other; }
    static { Base.made = 5; }
}

class Derived extends Base {
    name = "derived";
    list = [this.name, ...super.has(this) ? "y" : "n"];
    last;
    keep(value) { return this.last = String(value); }
    both = value => [this.a, this.b] = [String(value), this.keep(value)];
}

export default () => {
    const d = new Derived();
    const out = [d.name, d.secret, d.bump(), d.has(d), d.has({}), Base.made, d.list, d.keep(1), d.last, d.both(2), d.a, d.b];
    throw new Error(JSON.stringify(out)); // here: ["derived",1,42,true,false,5,["derived","y"],"1","1",["2","2"],"2","2"]
};
