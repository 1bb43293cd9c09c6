using System.Net;
using System.Net.Sockets;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;

namespace Cencori.Edge.Tests.Pipeline.Errors;

/// <summary>Providers that cannot be reached, break off or send nothing. YARP's own errors have no body (yarp trap 21).</summary>
public sealed class ErrorsOfForwardingTests(ErrorsOfForwardingTests.Fixture at) : IClassFixture<ErrorsOfForwardingTests.Fixture>
{
    [Fact] // yarp trap 22
    public async Task A_provider_that_refuses_the_connection_gives_503()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var address = new Uri($"http://{closed.LocalEndpoint}/v1");
        closed.Stop();

        AssertUnavailable(await SendToAsync(address.AbsoluteUri));
    }

    [Fact]
    public async Task A_provider_with_an_unknown_host_name_gives_503() => AssertUnavailable(await SendToAsync("http://no-such-host.invalid/v1"));

    [Fact]
    public async Task A_provider_without_TLS_at_an_https_address_gives_503()
    {
        using var plain = new TcpListener(IPAddress.Loopback, 0);
        plain.Start();
        var responding = Task.Run(async () =>
        {
            using var socket = await plain.AcceptSocketAsync();
            await socket.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
            await socket.ReceiveAsync(new byte[1_024]);
        });

        AssertUnavailable(await SendToAsync($"https://{plain.LocalEndpoint}/v1"));
        await responding;
    }

    [Theory] // yarp trap 22: the request may have been processed, so it must not be sent twice
    [InlineData("reset")]
    [InlineData("close")]
    [InlineData("not HTTP")]
    [InlineData("half a head")]
    public async Task A_response_that_breaks_off_before_its_headers_gives_502_and_the_request_is_sent_once(string fault)
    {
        // First on a new connection, then on one that has been used before.
        for (var round = 0; round < 2; round++)
        {
            var before = at.Provider.Requests.Count;
            at.Provider.Enqueue((_, response) => fault switch
            {
                "reset" => response.ResetAsync(),
                "close" => response.CloseAsync(),
                "not HTTP" => BreakAsync(response, "SSH-2.0-OpenSSH_9.9\r\n"),
                _ => BreakAsync(response, "HTTP/1.1 200 OK\r\nContent-Ty"),
            });

            var error = await at.ChatAsync().NestedErrorAsync();

            Assert.Equal((502, "PROVIDER_ERROR", "api_error"), (error.Status, error.Code, error.Type));
            Assert.Null(error.Header("x-should-retry"));
            Assert.Equal(before + 1, at.Provider.Requests.Count);

            at.Provider.Enqueue((_, response) => response.JsonAsync(200, "{}"));
            using var next = await at.ChatAsync();
            Assert.Equal("{}", await next.Content.ReadAsStringAsync());
        }
    }

    [Fact] // yarp traps 14 and 42
    public async Task A_provider_that_stays_silent_past_the_activity_timeout_gives_504()
    {
        at.Provider.Enqueue((_, response) => response.WaitForAbortAsync());

        var error = await at.ChatAsync().NestedErrorAsync();

        Assert.Equal((504, "PROVIDER_TIMEOUT", "api_error"), (error.Status, error.Code, error.Type));
        Assert.Null(error.Header("x-should-retry"));
    }

    [Fact]
    public async Task A_provider_that_breaks_off_within_a_JSON_body_resets_the_clients_connection()
    {
        at.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "application/json"), ("Content-Length", "1000"));
            await response.SendAsync("""{"id":"chatcmpl-1","choices":[""");
            await response.CloseAsync();
        });

        // A truncated body must not look complete.
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
        {
            using var edgeResponse = await at.ChatAsync();
            await edgeResponse.Content.ReadAsStringAsync();
        });
    }

    [Fact]
    public async Task A_response_whose_body_never_begins_gives_502()
    {
        at.Provider.Enqueue(async (_, response) =>
        {
            await response.SendHeadAsync(200, ("Content-Type", "application/json"), ("Content-Length", "1000"));
            await response.CloseAsync();
        });

        var error = await at.ChatAsync().NestedErrorAsync();

        Assert.Equal((502, "PROVIDER_ERROR"), (error.Status, error.Code));
    }

    private static async Task BreakAsync(ScriptedResponse response, string head)
    {
        await response.SendAsync(head);
        await response.CloseAsync();
    }

    private static void AssertUnavailable(ErrorResponse error)
    {
        Assert.Equal((503, "PROVIDER_UNAVAILABLE", "api_error"), (error.Status, error.Code, error.Type));
        Assert.Contains("openai", error.Message, StringComparison.Ordinal);
        Assert.Null(error.Header("x-should-retry"));
    }

    private async Task<ErrorResponse> SendToAsync(string address)
    {
        var project = await at.Edge.CreateProjectAsync();
        await at.Edge.StoreProviderKeyAsync(project, "openai", baseUrl: address);
        return await at.Edge.PostAsync(await at.Edge.CreateKeyAsync(project), "/v1/chat/completions", ScriptedEdge.Chat).NestedErrorAsync();
    }

    public sealed class Fixture : ScriptedEdge
    {
        protected override IEnumerable<string> Settings => ["ReverseProxy:Clusters:openai:HttpRequest:ActivityTimeout=00:00:03"];
    }
}
