// A WebSocket over a Unix socket with as little work as it takes. Source of the framing: RFC 6455, section 5.2.
import crypto from 'node:crypto';
import net from 'node:net';

const shortest = 126; // lengths from here on have a field of their own
const isFinal = 0x80;
const isText = 0x01;

export class WebSocket {
    /// `onText` gets each whole message; `onClose` is called once.
    static open(path, onText, onClose = () => {}) {
        const socket = net.connect({ path });
        const key = crypto.randomBytes(16).toString('base64');
        socket.write(
            `GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
                `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
        );
        return new Promise((resolve, reject) => {
            socket.once('error', reject);
            socket.once('data', data => {
                const end = data.indexOf('\r\n\r\n') + 4;
                if (!data.toString('latin1').startsWith('HTTP/1.1 101')) return reject(new Error(data.toString()));
                resolve(new WebSocket(socket, data.subarray(end), onText, onClose));
            });
        });
    }

    constructor(socket, first, onText, onClose) {
        Object.assign(this, { socket, onText, rest: first, parts: [] });
        socket.on('data', data => this.#onData(data));
        socket.on('error', () => {});
        socket.on('close', onClose);
    }

    send(text) {
        const body = Buffer.from(text);
        const mask = Buffer.alloc(4); // zeroes change nothing
        const head =
            body.length < shortest
                ? Buffer.from([isFinal | isText, 0x80 | body.length])
                : Buffer.from([isFinal | isText, 0x80 | shortest, body.length >> 8, body.length & 0xff]);
        this.socket.write(Buffer.concat([head, mask, body]));
    }

    close() {
        this.socket.destroy();
    }

    #onData(data) {
        let bytes = this.rest.length ? Buffer.concat([this.rest, data]) : data;
        for (;;) {
            if (bytes.length < 2) break;
            let length = bytes[1] & 0x7f;
            let begin = 2;
            if (length === shortest) {
                if (bytes.length < 4) break;
                length = bytes.readUInt16BE(2);
                begin = 4;
            } else if (length > shortest) {
                if (bytes.length < 10) break;
                length = Number(bytes.readBigUInt64BE(2));
                begin = 10;
            }
            if (bytes.length < begin + length) break;
            const opcode = bytes[0] & 0x0f;
            if (opcode <= isText) {
                this.parts.push(bytes.subarray(begin, begin + length));
                if (bytes[0] & isFinal) this.onText(Buffer.concat(this.parts.splice(0)).toString());
            }
            bytes = bytes.subarray(begin + length);
        }
        this.rest = Buffer.from(bytes);
    }
}
