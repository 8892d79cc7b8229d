"""A TCP relay that holds back what it carries to the server: delaying-relay.py PORT HOST:PORT FILE.

FILE holds the delay in seconds; it is read again for every piece, so that a test can change it under way.
"""
import asyncio
import sys

port, target, file = int(sys.argv[1]), sys.argv[2].rsplit(":", 1), sys.argv[3]


async def carry(reader, writer, delayed):
    try:
        while data := await reader.read(65536):
            if delayed:
                with open(file, encoding="ascii") as text:
                    await asyncio.sleep(float(text.read() or 0))
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def serve(reader, writer):
    to_reader, to_writer = await asyncio.open_connection(target[0], int(target[1]))
    await asyncio.gather(carry(reader, to_writer, True), carry(to_reader, writer, False))


async def main():
    async with await asyncio.start_server(serve, "0.0.0.0", port) as server:
        await server.serve_forever()


asyncio.run(main())
