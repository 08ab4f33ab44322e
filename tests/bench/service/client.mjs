// HTTP over a Unix socket with as little work as it takes, so that the service is what is measured.
import net from 'node:net';

export const request = (method, path, body, headers = '') => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const type = body === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${text.length}\r\n`;
    return Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${type}${headers}\r\n${text}`);
};

function connect(path) {
    return new Promise((resolve, reject) => {
        const socket = net.connect({ path }, () => resolve(socket));
        socket.once('error', reject);
    });
}

/// One connection that asks one thing at a time.
export class Client {
    static async to(path) {
        return new Client(await connect(path));
    }

    constructor(socket) {
        this.socket = socket;
        this.text = '';
        socket.on('data', data => this.#onData(data));
        socket.on('error', () => {});
        socket.on('close', () => this.waiting?.reject(new Error('the service closed the connection')));
    }

    /// {status, body} for finished bytes of request().
    ask(bytes) {
        return new Promise((resolve, reject) => {
            this.waiting = { resolve, reject };
            this.socket.write(bytes);
        });
    }

    /// The answer's JSON; throws when the status is another one.
    async json(bytes, ...statuses) {
        const { status, body } = await this.ask(bytes);
        if (!statuses.includes(status)) throw new Error(`${bytes.toString().split('\r')[0]}: ${status} ${body}`);
        return body ? JSON.parse(body) : undefined;
    }

    close() {
        this.waiting = undefined;
        this.socket.destroy();
    }

    #onData(data) {
        this.text += data.toString('latin1');
        const end = this.text.indexOf('\r\n\r\n') + 4;
        if (end < 4) return;
        const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.text)?.[1] ?? 0);
        if (this.text.length < end + length) return;
        const answer = { status: Number(this.text.slice(9, 12)), body: this.text.slice(end, end + length) };
        this.text = this.text.slice(end + length);
        const { resolve } = this.waiting;
        this.waiting = undefined;
        resolve(answer);
    }
}

/// Follows a stream of events: `onText` gets what arrived, framing and all. Resolves to the socket once it began;
/// rejects with the answer when it is refused.
export async function follow(path, target, onText) {
    const socket = await connect(path);
    socket.write(request('GET', target, undefined, 'Accept: text/event-stream\r\n'));
    return new Promise((resolve, reject) => {
        socket.once('data', data => {
            const text = data.toString('latin1');
            if (!text.startsWith('HTTP/1.1 200')) reject(new Error(text.split('\r\n\r\n')[1] || text));
            socket.on('data', more => onText(more.toString('latin1')));
            onText(text);
            resolve(socket);
        });
        socket.on('error', reject);
    });
}
