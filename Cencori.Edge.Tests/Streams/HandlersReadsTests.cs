using System.Net;
using System.Text;
using Cencori.Edge.Tests.Infrastructure;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Streams;

/// <summary>
/// <c>ResponseStream</c> relies on this: for each form of a response on the wire, a read of the HTTP client's stream with an empty buffer waits for bytes,
/// and the next read then need not wait.
/// </summary>
public sealed class HandlersReadsTests
{
    [Theory]
    [InlineData("1.1", "chunked")]
    [InlineData("1.1", "length")]
    [InlineData("1.1", "close")]
    [InlineData("2.0", "chunked")]
    [InlineData("2.0", "length")]
    public async Task A_read_with_an_empty_buffer_waits(string version, string form)
    {
        var gate = new TaskCompletionSource();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = version == "2.0" ? HttpProtocols.Http2 : HttpProtocols.Http1));
        await using var provider = builder.Build();
        provider.Run(async context =>
        {
            context.Response.ContentLength = form == "length" ? 4 : null;
            if (form == "close")
            {
                context.Response.Headers.TransferEncoding = "";
                context.Response.Headers.Connection = "close";
            }

            await context.Response.Body.WriteAsync("ab"u8.ToArray());
            await context.Response.Body.FlushAsync();
            await gate.Task;
            await context.Response.Body.WriteAsync("cd"u8.ToArray());
        });
        await provider.StartAsync();
        var address = provider.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        using var handler = new SocketsHttpHandler();
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await client.SendAsync(request, CancellationToken.None);
        await using var body = await response.Content.ReadAsStreamAsync();
        var buffer = new byte[64];
        Assert.Equal(2, await body.ReadAsync(buffer));

        var waiting = body.ReadAsync(Memory<byte>.Empty);
        await RealTime.PassesAsync(TimeSpan.FromMilliseconds(50), "If the read did not wait for bytes, it would end in this time.");
        Assert.False(waiting.IsCompleted);
        gate.SetResult();
        Assert.Equal(0, await waiting);
        var reading = body.ReadAsync(buffer);

        Assert.True(reading.IsCompleted);
        Assert.Equal("cd", Encoding.UTF8.GetString(buffer, 0, await reading));
    }
}
