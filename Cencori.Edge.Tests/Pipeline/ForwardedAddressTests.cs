using System.Net.Http.Headers;
using Cencori.Edge.Hosting;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Pipeline;

/// <summary>The client address of a request that comes from 127.0.0.1 with <c>X-Forwarded-For</c>.</summary>
public class ForwardedAddressTests
{
    [Theory]
    // No proxy is known, not even this machine.
    [InlineData("", "203.0.113.1", "127.0.0.1")]
    [InlineData("10.0.0.0/8 ::1", "203.0.113.1", "127.0.0.1")]

    // One proxy is known, by address or by network.
    [InlineData("127.0.0.1", "203.0.113.1", "203.0.113.1")]
    [InlineData("127.0.0.0/8", "203.0.113.1", "203.0.113.1")]
    [InlineData("127.9.9.9/8", "203.0.113.1", "203.0.113.1")]
    [InlineData("::ffff:127.0.0.1", "203.0.113.1", "203.0.113.1")]
    [InlineData("127.0.0.1", "", "127.0.0.1")]
    [InlineData("127.0.0.1", "203.0.113.1:4711", "203.0.113.1")]

    // Entries written by the caller are to the left of the entry written by the proxy.
    [InlineData("127.0.0.1", "198.51.100.9, 203.0.113.1", "203.0.113.1")]
    [InlineData("127.0.0.1", "127.0.0.1, 203.0.113.1", "203.0.113.1")]

    // Two proxies in a row.
    [InlineData("127.0.0.1, 10.0.0.0/8", "203.0.113.1, 10.0.0.7", "203.0.113.1")]
    [InlineData("127.0.0.1,10.0.0.7", "198.51.100.9, 203.0.113.1, 10.0.0.7", "203.0.113.1")]
    [InlineData("127.0.0.1\n10.0.0.7", "203.0.113.1, 10.0.0.8", "10.0.0.8")]

    // IPv6.
    [InlineData("127.0.0.1", "2001:db8::1", "2001:db8::1")]
    [InlineData("127.0.0.1", "\"[2001:db8::1]:443\"", "2001:db8::1")]
    [InlineData("127.0.0.1 2001:db8:1::/48", "2001:db8::1, 2001:db8:1::7", "2001:db8::1")]

    // An invalid entry makes the client address unknown: the edge trusts no entry to its left, and the proxy is not the client.
    [InlineData("127.0.0.1", "nonsense", "")]
    [InlineData("127.0.0.1", "unknown", "")]
    [InlineData("127.0.0.1", "203.0.113.1, nonsense", "")]
    [InlineData("127.0.0.1 10.0.0.7", "203.0.113.1, <script>, 10.0.0.7", "")]
    [InlineData("127.0.0.1", "203.0.113.1:", "")]
    [InlineData("127.0.0.1", "203.0.113.1:123456", "")]
    [InlineData("127.0.0.1", "[2001:db8::1", "")]
    [InlineData("127.0.0.1", "[203.0.113.1]", "")]
    [InlineData("127.0.0.1", "203.0.113.010", "")]
    [InlineData("127.0.0.1", "203.1", "")]

    // A caller's text must not hide the entry that the proxy has added after it.
    [InlineData("127.0.0.1", "\", 203.0.113.1", "203.0.113.1")]
    [InlineData("127.0.0.1", "198.51.100.9\", 203.0.113.1", "203.0.113.1")]
    [InlineData("127.0.0.1", "::ffff:c633:6409%\", 203.0.113.1", "203.0.113.1")]
    [InlineData("127.0.0.1", "\"198.51.100.9, 203.0.113.1", "203.0.113.1")]
    [InlineData("127.0.0.1", "198.51.100.9, 203.0.113.1\"", "")]
    [InlineData("127.0.0.1", "2001:db8::1%eth0", "")]
    [InlineData("127.0.0.1", "2001:db8::1%, 203.0.113.1", "203.0.113.1")]
    [InlineData("127.0.0.1", ", ,, ", "127.0.0.1")]
    public async Task Only_known_proxies_are_believed(string known, string header, string client)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0", "--ForwardedHeaders:KnownProxies=" + known]);
        builder.Logging.ClearProviders();
        builder.Services.AddForwardedAddresses(builder.Configuration);
        await using var app = builder.Build();
        app.UseForwardedAddresses();
        app.Run(context => context.Response.WriteAsync($"{context.Connection.RemoteIpAddress}"));
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        http.DefaultRequestHeaders.TryAddWithoutValidation("X-Forwarded-For", header);

        Assert.Equal(client, await http.GetStringAsync("/"));
    }

    [Fact]
    public async Task A_caller_that_guesses_the_admin_token_cannot_change_its_address_with_a_header()
    {
        await using var edge = await RunningEdge.StartAsync();
        for (var guess = 0; guess < 5; guess++)
        {
            Assert.Equal(401, await AdministerAsync(edge, "not-the-admin-token", $"203.0.113.{guess}"));
        }

        Assert.Equal(429, await AdministerAsync(edge, RunningEdge.AdminToken, "203.0.113.77"));
    }

    [Fact]
    public async Task Behind_a_known_proxy_a_lockout_affects_only_the_guessing_address()
    {
        await using var edge = await RunningEdge.StartAsync(["ForwardedHeaders:KnownProxies=127.0.0.1"]);
        for (var guess = 0; guess < 5; guess++)
        {
            Assert.Equal(401, await AdministerAsync(edge, "not-the-admin-token", $"198.51.100.{guess}, 203.0.113.1"));
        }

        Assert.Equal(429, await AdministerAsync(edge, RunningEdge.AdminToken, "203.0.113.1"));
        Assert.Equal(200, await AdministerAsync(edge, RunningEdge.AdminToken, "203.0.113.2"));
    }

    private static async Task<int> AdministerAsync(RunningEdge edge, string token, string forwardedFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/projects");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwardedFor);
        using var response = await edge.Http.SendAsync(request);
        return (int)response.StatusCode;
    }
}
