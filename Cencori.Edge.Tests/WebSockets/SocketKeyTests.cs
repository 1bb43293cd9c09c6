using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using CsCheck;

namespace Cencori.Edge.Tests.WebSockets;

/// <summary>A project key that is sent as a subprotocol authenticates its caller, and no provider sees it.</summary>
public sealed class SocketKeyTests(ScriptedEdge openai) : IClassFixture<ScriptedEdge>
{
    private static readonly Gen<string> Name = Gen.OneOfConst("Sec-WebSocket-Protocol", "sec-websocket-protocol", "SEC-WEBSOCKET-PROTOCOL", "Sec-Websocket-Protocol");

    private static readonly Gen<string> Prefix = Gen.OneOfConst("openai-insecure-api-key.", "OpenAI-Insecure-Api-Key.", "OPENAI-INSECURE-API-KEY.");

    private static readonly Gen<string[]> Others = Gen.OneOfConst("realtime", "openai-beta.realtime-v1", "x").Array[0, 2];

    private static readonly Gen<string> Gap = Gen.OneOfConst(",", ", ", " , ", ",,", "\r\nSec-WebSocket-Protocol: ");

    private static readonly Gen<string> Upgrade = Gen.OneOfConst("Upgrade: websocket", "upgrade: WEBSOCKET", "UPGRADE: foo, WebSocket", "Upgrade: foo\r\nUpgrade: websocket");

    private static readonly Gen<string> Beside = Gen.OneOfConst("", "", "Authorization: Bearer KEY\r\n", "authorization: bearer KEY\r\n", "CENCORI_API_\0: KEY\r\n");

    [Fact]
    public async Task The_provider_gets_the_other_subprotocols_in_order_and_its_own_credential()
    {
        openai.Provider.Respond((_, response) => response.JsonAsync(404, """{"error":{"message":"no such thing"}}"""));
        await Gen.Select(Gen.Select(Name, Prefix, Gap), Others, Others, Gen.Select(Upgrade, Beside)).SampleAsync(
            async (spelling, before, after, more) =>
            {
                var (name, prefix, gap) = spelling;
                var (upgrade, beside) = more;
                string[] offered = [.. before, prefix + openai.Key, .. after];
                using var client = await RawClient.ConnectAsync(openai.Edge);
                await client.SendAsync(
                    $"GET /v1/realtime?model=gpt-realtime HTTP/1.1\r\nHost: edge\r\nConnection: keep-alive, Upgrade\r\n{upgrade}\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                    + beside.Replace("KEY", openai.Key, StringComparison.Ordinal).Replace("\0", "KEY", StringComparison.Ordinal)
                    + $"{name}: {string.Join(gap, offered)}\r\n\r\n");
                var edgeResponse = await client.ReadResponseAsync();
                var received = await openai.Provider.NextRequestAsync();

                Assert.Equal(404, edgeResponse.Status);
                Assert.DoesNotContain(openai.Key, received.HeadText, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain(openai.Key, edgeResponse.Head + edgeResponse.Body, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain("insecure", received.HeadText, StringComparison.OrdinalIgnoreCase);
                Assert.Equal(["Bearer " + RunningEdge.ProviderKey], received.Values("Authorization"));
                Assert.Equal(["websocket"], received.Values("Upgrade"));
                Assert.Equal(before.Concat(after), received.Values("Sec-WebSocket-Protocol").SelectMany(line => line.Split(", ")));
            },
            iter: 100,
            threads: 1);

        Assert.DoesNotContain(openai.Edge.Logs.Lines, line => line.ToString().Contains(openai.Key, StringComparison.OrdinalIgnoreCase));
    }
}
