import Fastify from 'fastify';

const app = Fastify();
app.get('/slow', async () => {
  await new Promise((resolve) => setTimeout(resolve, 500));
  return { ok: true };
});
app.get('/', async () => 'ok');
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
