// What somebody writes who knows the service by a generated client only; the compiler checks every word of it.
import createClient from 'openapi-fetch';
import type {components, paths} from './service';

export type Session = components['schemas']['Session'];
export type Turn = components['schemas']['Turn'];

function given<T>(answer: {data?: T; error?: components['schemas']['Problem']}): T {
    if (answer.error) throw new Error(`${answer.error.code}: ${answer.error.detail}`);
    return answer.data as T;
}

export async function happyPath(baseUrl: string, token: string, cwd: string) {
    const client = createClient<paths>({baseUrl, headers: {Authorization: `Bearer ${token}`}});
    const info = given(await client.GET('/v1/info'));
    const made = given(await client.POST('/v1/sessions', {
        body: {cwd, provider: 'demo', input: 'What is in this folder?', labels: {by: 'a generated client'}},
        params: {header: {Prefer: 'wait=60', 'Idempotency-Key': 'first'}},
    }));
    const id: string = made.id;
    const first: Turn = given(await client.GET('/v1/sessions/{id}/turns/{turn}', {params: {path: {id, turn: 'last'}}}));
    const second = given(await client.POST('/v1/sessions/{id}/turns', {
        params: {path: {id}, header: {Prefer: 'wait=60'}},
        body: {input: [{type: 'text', text: 'And now?'}], when_busy: 'queue'},
    }));
    const types: string[] = [];
    for (let after = 0, done = false; !done;) {
        const page = given(await client.GET('/v1/sessions/{id}/events', {
            params: {path: {id}, query: {after: String(after), limit: 20, types: 'turn.*'}},
        }));
        if (typeof page === 'string') throw new Error('a stream, and nobody asked for one');
        types.push(...page.data.map(event => event.type));
        done = page.next === after || page.next >= page.last_seq;
        after = page.next;
    }
    const turns = given(await client.GET('/v1/sessions/{id}/turns', {params: {path: {id}}})).data;
    const renamed: Session = given(await client.PATCH('/v1/sessions/{id}', {
        params: {path: {id}}, body: {title: 'Renamed'},
    }));
    const listed = given(await client.GET('/v1/sessions', {params: {query: {status: 'idle', limit: 10}}})).data;
    const nothing = given(await client.POST('/v1/sessions/{id}/cancel', {params: {path: {id}}, body: {}}));
    const removed = await client.DELETE('/v1/sessions/{id}', {params: {path: {id}}});
    const gone = await client.GET('/v1/sessions/{id}', {params: {path: {id}}});
    return {
        info, first, second, types, turns, renamed, listed, nothing,
        removed: removed.response.status, gone: gone.error?.code,
    };
}
