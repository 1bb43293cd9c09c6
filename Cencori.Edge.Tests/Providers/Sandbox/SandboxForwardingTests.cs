using System.Net;
using System.Text;
using Cencori.Edge.Providers.Sandbox;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Yarp.ReverseProxy.Forwarder;

namespace Cencori.Edge.Tests.Providers.Sandbox;

/// <summary>The sandbox's HTTP handler, called by YARP's forwarder: what reaches a client on a real socket, and when.</summary>
public sealed class SandboxForwardingTests : IAsyncLifetime, IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly HttpClient _client = new();
    private WebApplication? _edge;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddHttpForwarder();
        _edge = builder.Build();
        _edge.MapForwarder("/{**rest}", "http://sandbox.invalid", ForwarderRequestConfig.Empty, HttpTransformer.Default, new HttpMessageInvoker(new SandboxHandler(_time)));
        await _edge.StartAsync();
        _client.BaseAddress = new Uri(_edge.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public async Task DisposeAsync() => await _edge!.DisposeAsync();

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task JSON_passes_completely()
    {
        using var response = await _client.SendAsync(Request("echo", stream: false));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("\"content\":\"one two\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_reaches_the_client_before_the_next_is_produced()
    {
        using var response = await _client.SendAsync(Request("slow", stream: true), HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("assistant", await NextEventAsync(lines), StringComparison.Ordinal);
        Assert.Contains("\"content\":\"one\"", await NextEventAsync(lines), StringComparison.Ordinal);
        var second = NextEventAsync(lines);
        while (!second.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(second, RealTime.PassesAsync(TimeSpan.FromMilliseconds(10), "The forwarder reads the next piece in real time, and the pause of the sandbox begins only with this read."));
        }

        Assert.Contains("\"content\":\" two\"", await second, StringComparison.Ordinal);
        Assert.Contains("stop", await NextEventAsync(lines), StringComparison.Ordinal);
        Assert.Equal("data: [DONE]", await NextEventAsync(lines));
    }

    [Fact]
    public async Task A_broken_stream_breaks_the_clients_stream()
    {
        // An aborted connection may lose even the headers, so the failure may appear at either step.
        var error = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var response = await _client.SendAsync(Request("error-stream", stream: true), HttpCompletionOption.ResponseHeadersRead);
            await response.Content.ReadAsStringAsync();
        });

        Assert.True(error is HttpRequestException or IOException, error.ToString());
    }

    private static HttpRequestMessage Request(string model, bool stream) => new(HttpMethod.Post, "/v1/chat/completions")
    {
        Content = new StringContent(
            $$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"one two"}]}""",
            Encoding.UTF8,
            "application/json"),
    };

    private static async Task<string> NextEventAsync(StreamReader lines)
    {
        var line = await lines.ReadLineAsync();
        await lines.ReadLineAsync();
        return line ?? "";
    }
}
