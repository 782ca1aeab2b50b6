// Follows completions over a websocket and prints each as a line of JSON, however often the connection is lost:
//
//   TOKEN=… node follow.mjs http://127.0.0.1:9480/graphql

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const client = createClient({
  url: process.argv[2].replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { Authorization: `Bearer ${process.env.TOKEN}` },
  retryAttempts: Infinity,
  shouldRetry: () => true, // also when there is nobody to connect to
  retryWait: () => new Promise((resolve) => setTimeout(resolve, 200)),
});

// Each new connection subscribes with the variables as they are then.
const variables = { after: '0' };

client.subscribe(
  {
    query: `subscription ($after: ID) {
      torrentCompleted(after: $after) { cursor torrentId name hashString completedAt }
    }`,
    variables,
  },
  {
    next({ data, errors }) {
      if (errors) throw new Error(JSON.stringify(errors));
      console.log(JSON.stringify(data.torrentCompleted));
      variables.after = data.torrentCompleted.cursor;
    },
    error(problem) {
      console.error('given up:', problem);
      process.exit(1);
    },
    complete() {
      console.error('the server has ended the subscription');
      process.exit(1);
    },
  },
);
