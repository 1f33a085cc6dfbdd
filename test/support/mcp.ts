/** A client of `/mcp` that says no more than MCP requires, to see what is really answered. */
export function mcpClient(url: string, credentials: Record<string, string>) {
  const post = async (message: object): Promise<{ status: number; headers: Headers; body: any }> => {
    const answer = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
        ...credentials,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
    });
    const text = await answer.text();
    // a stream holds the one answer as its data
    const data = /^data: (.*)$/m.exec(text)?.[1] ?? text;
    return { status: answer.status, headers: answer.headers, body: data === '' ? null : JSON.parse(data) };
  };
  return {
    post,
    tools: async (): Promise<any[]> => (await post({ method: 'tools/list' })).body.result.tools,
    /** The result of a tool, whether it is an error or not. */
    call: async (
      name: string,
      args: object = {},
    ): Promise<{ isError: boolean; structuredContent: any; content: any[] }> => {
      const { body } = await post({ method: 'tools/call', params: { name, arguments: args } });
      if (!body.result) throw new Error(JSON.stringify(body));
      return body.result;
    },
  };
}
