// The module "nightshift" that scripts of `nightshift batch` and files of hooks import.
declare module "nightshift" {
    type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

    /** What the command line gave with --arg and --args; also the default function's parameter. */
    export const args: any;

    interface Limits {
        turns?: number;
        requests?: number;
        tokens?: number;
        cost_usd?: number;
        wall_s?: number;
        idle_s?: number;
        command_s?: number;
    }
    interface ScriptLimits extends Limits {
        concurrency?: number;
        max_failures?: number;
    }
    /** `export const config: Config`: a literal, read without running the script. */
    interface Config {
        name?: string;
        args?: Json;
        limits?: ScriptLimits;
    }

    interface Retries {
        max: number;
        on?: string[];
        backoff_s?: number;
        /** False: the attempt goes on from the failed one's conversation. */
        fresh?: boolean;
    }
    interface Options {
        prompt?: string;
        /** Of a batch script without --allow-exec: below its folder, or where --allow-read lets it read. */
        cwd?: string;
        model?: string;
        provider?: string;
        effort?: string;
        /** Of a batch script without --allow-exec: no wider than the command line's. */
        sandbox?: "read-only" | "workspace-write" | "danger-full-access";
        isolation?: "none" | "worktree" | "copy";
        /** JSON Schema of the answer, which then stands in `json`. */
        schema?: object;
        instructions?: string;
        attachments?: string[];
        /** Files that count for freshness. */
        inputs?: string[];
        limits?: Limits;
        retries?: number | Retries;
        /** A command that must end with 0, or a function: true is good, a text says what is not. */
        check?: string[] | ((result: Result) => boolean | string | void | Promise<boolean | string | void>);
        key?: string;
        labels?: { [name: string]: string };
        salt?: string;
        /** on-request: the model may ask to leave the sandbox, and the script's onApproval answers: with
         *  --allow-exec; without, it can only say no. */
        approval?: "never" | "on-request";
        outputs?: string[];
    }
    interface Usage {
        input_tokens: number;
        cached_tokens: number;
        cache_write_tokens: number;
        output_tokens: number;
        reasoning_tokens: number;
        cost_usd?: number;
    }
    interface Attempt {
        session: string;
        outcome: string;
        reason: string;
        message: string;
        usage: Usage;
        requests: number;
        duration_ms: number;
    }
    interface Result {
        ok: boolean;
        outcome: string;
        reason: string;
        message?: string;
        text: string;
        json: any;
        session: string;
        key: string;
        diff: string;
        files: string[];
        usage: Usage;
        attempts: Attempt[];
        duration_ms: number;
        from: "run" | "journal" | "replay";
        /** Itself, or an error that names key and reason. */
        orThrow(): Result;
    }

    /** One agent. It rejects only for a wrong call or a cancelled script, never because the agent failed. */
    export function run(prompt: string, options?: Options): Promise<Result>;
    export function run(options: Options): Promise<Result>;

    /** Paths are those of inputs: relative to the script, or allowed by --allow-read. */
    type Part = { type: "text"; text: string } | { type: "image"; path: string } | { type: "file"; path: string };
    interface Event {
        type: string;
        [member: string]: any;
    }
    interface Session {
        /** Empty until its first turn began. */
        readonly id: string;
        readonly usage: Partial<Usage>;
        readonly status: "idle" | "running" | "closed";
        /** A turn. While another one runs it waits, joins that one, takes its place, or is refused. */
        send(input: string | Part[], options?: { schema?: object; limits?: Limits; when_busy?: "queue" | "steer" | "replace" | "reject" }): Promise<Result>;
        /** Says something while a turn runs: before the model is asked next, also when a listener says it. */
        steer(input: string | Part[]): Promise<void>;
        /** Commands get `grace_s`, 5 unless said otherwise, to end themselves; `kill` gives them nothing. */
        cancel(options?: { mode?: "graceful" | "kill"; grace_s?: number }): Promise<void>;
        fork(options?: { at_turn?: number; isolation?: Options["isolation"] }): Promise<Session>;
        /** `type` is an event's, or the beginning of several, "item.*"; the same events as of `exec --json`. */
        on(type: string, fn: (event: Event) => void): () => void;
        diff(): Promise<string>;
        apply(options?: { to?: string; check?: string[] }): Promise<{ applied: boolean; message: string }>;
        bundle(path: string): Promise<string>;
        close(): Promise<void>;
    }
    export function session(options?: Options & { id?: string }): Session;

    interface MapOptions<T> {
        concurrency?: number | "auto";
        key?: (item: T, index: number) => string;
        /** Ends after so many items failed. */
        stop_after?: number;
    }
    /** In the order of the items. What `fn` throws is a result {ok: false, reason: "script_error"}. */
    export function map<T, R>(items: Iterable<T>, fn: (item: T, index: number) => R | Promise<R>, options?: MapOptions<T>): Promise<R[]>;
    /** An item moves on to its next stage as soon as it can. */
    export function pipeline<T>(items: Iterable<T>, ...stages: ((value: any, item: T, index: number) => any)[]): Promise<any[]>;
    export function bestOf(n: number, options: Options,
        pick?: (results: Result[]) => Result | number | undefined | Promise<Result | number | undefined>): Promise<Result>;

    /** As of POST /v1/batches, but that prompt, key and check may be functions, and items their variables alone. */
    interface BatchSpec {
        name?: string;
        items: Iterable<any>;
        prompt?: string | ((vars: any, index: number) => string);
        key?: string | ((vars: any, index: number) => string);
        session?: Options;
        check?: Options["check"];
        retries?: Options["retries"];
        limits?: ScriptLimits;
        on_limit?: "stop";
    }
    interface Report {
        name?: string;
        /** What ended it. */
        end: "done" | "limit" | "interrupted";
        end_reason: string;
        duration_ms: number;
        counts: { total: number; succeeded: number; failed: number; cancelled: number };
        usage: Partial<Usage>;
        items: Result[];
    }
    export function batch(spec: BatchSpec): Promise<Report>;

    /** Paths are relative to the script; others need --allow-read. */
    export const read: {
        csv(path: string, options?: { header?: boolean; delimiter?: string; types?: { [column: string]: "number" | "boolean" | "json" | "string" } }): any[];
        jsonl(path: string): any[];
        lines(path: string): string[];
        json(path: string): any;
        text(path: string): string;
        stdin(): string;
    };
    export function glob(patterns: string | string[], options?: { cwd?: string; ignore?: string[]; gitignore?: boolean }): string[];
    export function matrix(axes: { [name: string]: Json[] }, options?: { exclude?: object[]; include?: object[] }): any[];
    /** {{a.b}}, {{file:PATH}}, {{json:a}}; an unknown name is an error. */
    export function template(text: string, vars?: object): string;
    /** Of a variable that --env names. */
    export function env(name: string): string | undefined;

    type Results = Result[] | Report;
    /** Paths are relative to --out; each file appears whole. */
    export const write: {
        jsonl(path: string, rows: any[]): string;
        csv(path: string, rows: object[], options?: { columns?: string[]; safe?: boolean }): string;
        junit(path: string, results: Results): string;
        markdown(path: string, results: Results): string;
        sarif(path: string, results: Results | Finding[]): string;
        sarif<Row>(path: string, rows: Row[] | Report, pick: (row: Row) => Finding | Finding[]): string;
        text(path: string, text: string): string;
    };
    interface Finding {
        file: string;
        line?: number;
        message: string;
    }
    export function progress(state: { total?: number; done?: number; note?: string }): void;
    export function phase(name: string): void;
    export function log(...values: any[]): void;

    export const limits: {
        set(limits: ScriptLimits): void;
        spent(): { requests: number; tokens: number; cost_usd: number; wall_s: number };
        left(): Limits;
    };
    export function semaphore(n: number): {
        acquire(): Promise<() => void>;
        use<R>(fn: () => R | Promise<R>): Promise<R>;
    };
    export function sleep(ms: number): Promise<void>;
    export function cancelled(): boolean;
    export function onCancel(fn: () => void): void;
    /** From 0 to 1; the same numbers when the batch is continued. */
    export function random(): number;
    /** A command of yours, outside of the sandbox; in `batch` only with --allow-exec. */
    export function exec(argv: string[], options?: { cwd?: string; timeout_s?: number; stdin?: string }):
        Promise<{ exit_code: number | null; stdout: string; stderr: string; timed_out: boolean }>;

    interface Decision {
        decision: string;
    }
    export function allow(): Decision;
    export function deny(reason: string): Decision;
    export function rewrite(what: { command?: string; argv?: string[]; patch?: string; arguments?: object; prompt?: string; output?: string }): Decision;
    /** Somebody has to agree. */
    export function ask(options?: { wait_s?: number; default?: "allow" | "deny" }): Decision;
    /** Of onTurnEnd: the model goes on, with this message. */
    export function again(message: string): Decision;
    type Hook = (event: any) => Decision | undefined | void | Promise<Decision | undefined | void>;
    interface Hooks {
        on_failure?: "deny" | "abort" | "allow";
        onSessionStart?: Hook;
        onSessionEnd?: Hook;
        onPrompt?: Hook;
        onCommand?: Hook;
        onPatch?: Hook;
        onTool?: Hook;
        onToolEnd?: Hook;
        onApproval?: Hook;
        onTurnEnd?: Hook;
        onEvent?: (event: any) => void;
        onResult?: (result: Result) => Result | void;
    }
    /** Asked before things happen; what throws or takes too long denies. */
    export function hooks(hooks: Hooks): void;
}
