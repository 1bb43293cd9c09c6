using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.Metrics;
using System.Net;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Databases;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.Logging;

namespace Cencori.Edge.Tests.Dashboard;

/// <summary>Faulty requests get an error and do not fill the log.</summary>
public sealed class WrongRequestsTests(RespondingEdge scene) : IClassFixture<RespondingEdge>
{
    // A cursor at the last possible millisecond, with a row id.
    private static readonly string LastCursor = CursorOf(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());

    [Theory]
    [InlineData("exa_mple:99999", "application/x-www-form-urlencoded", "token=x")]
    [InlineData("", "application/x-www-form-urlencoded; charset=utf-7", "token=x")]
    [InlineData("", "application/x-www-form-urlencoded; charset=no-such", "token=x")]
    [InlineData("", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nno end")]
    [InlineData("", "multipart/form-data", "--b")]
    public async Task An_unreadable_form_is_a_client_error(string host, string type, string body)
    {
        using var client = await RawClient.ConnectAsync(scene.Edge);
        var own = scene.Edge.Address.Authority;
        await client.SendAsync($"POST /dashboard/sign-in HTTP/1.1\r\nHost: {(host.Length > 0 ? host : own)}\r\nOrigin: http://{own}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Assert.Matches("^HTTP/1.1 40[03] ", await client.ReadHeadAsync());
    }

    [Fact]
    public async Task A_body_that_is_no_form_is_a_client_error()
    {
        using var client = await PageClient.SignedInAsync(scene.Edge);
        var token = client.Document.QuerySelector("input[name=form_token]")!.GetAttribute("value")!;
        var request = new HttpRequestMessage(HttpMethod.Post, "/dashboard/projects") { Content = RunningEdge.Json("{}") };
        request.Headers.Add("Origin", scene.Edge.Address.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("X-Form-Token", token);
        await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, client.Response.StatusCode);
        Assert.Contains("The body must be a form.", client.Html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_cursor_at_the_end_of_time_is_handled()
    {
        var project = $"/dashboard/p/{(string)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{scene.ProjectId}"))["project"]!["slug"]!}";
        using var client = await PageClient.SignedInAsync(scene.Edge);
        foreach (var (path, status) in new[]
        {
            ($"{project}/logs?cursor={LastCursor}", HttpStatusCode.OK), ($"{project}/logs?newer={LastCursor}", HttpStatusCode.OK), ($"{project}/logs/abc?at={LastCursor}", HttpStatusCode.NotFound),
            ($"{project}/logs/abc?older={LastCursor}", HttpStatusCode.NotFound), ($"{project}/logs?from=9999-12-31T23:59:59.999Z&to=9999-12-31T23:59:59.999Z", HttpStatusCode.OK),
            ($"{project}/usage?from=9999-12-31&to=9999-12-31", HttpStatusCode.OK), ($"{project}/logs?from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59.999Z", HttpStatusCode.OK),
            ("/dashboard/audit?from=9999-12-31&to=9999-12-31", HttpStatusCode.OK),
        })
        {
            await client.GetAsync(path);
            Assert.True(status == client.Response.StatusCode, $"{path}: {client.Response.StatusCode}");
        }

        foreach (var query in (string[])[$"cursor={LastCursor}", "from=9999-12-31T23:59:59.999Z", "to=9999-12-31T23:59:59.999Z"])
        {
            using var response = await scene.Edge.Admin.GetAsync(new Uri(scene.Edge.Address, $"/api/projects/{scene.ProjectId}/logs?{query}"));
            Assert.True((int)response.StatusCode < 500, $"{query}: {response.StatusCode}");
        }
    }

    [Fact]
    public async Task An_unreadable_cookie_logs_nothing()
    {
        for (var count = 0; count < 20; count++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/dashboard/sign-in");
            request.Headers.Add("Cookie", $"edge-form=CfDJ8garbage{count}; edge={new string('a', 64)}; edge-openid.x=y; zone=z");
            using var response = await scene.Edge.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.DoesNotContain(scene.Edge.Logs.Lines, line => line.Text.Contains("deserializing the token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_the_database_is_unavailable_pages_log_nothing()
    {
        var database = new CommandCounter();
        await using var edge = await RunningEdge.StartAsync(configure: database.Watch);
        database.IsAway = true;
        for (var count = 0; count < 20; count++)
        {
            using var response = await edge.Http.GetAsync(new Uri("/dashboard/sign-in", UriKind.Relative));
            Assert.Equal(500, (int)response.StatusCode / 100 * 100);
        }

        Assert.DoesNotContain(edge.Logs.Lines, line => line.Category.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) && line.Level >= LogLevel.Warning);
    }

    [Fact]
    public async Task Callers_that_disconnect_during_a_form_cause_no_log_line()
    {
        await using var edge = await RunningEdge.StartAsync();
        var open = 0;
        using var meter = new MeterListener { InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "kestrel.active_connections")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        } };
        meter.SetMeasurementEventCallback<long>((_, change, tags, _) =>
        {
            foreach (var tag in tags)
            {
                Interlocked.Add(ref open, tag.Key == "server.port" && tag.Value is int port && port == edge.Address.Port ? (int)change : 0);
            }
        });
        meter.Start();
        var clients = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => RawClient.ConnectAsync(edge)));
        foreach (var client in clients)
        {
            await client.SendAsync($"POST /dashboard/sign-in HTTP/1.1\r\nHost: {edge.Address.Authority}\r\nOrigin: http://{edge.Address.Authority}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ntoken=");
        }

        await edge.Http.GetAsync(new Uri("/dashboard/sign-in", UriKind.Relative));
        foreach (var (client, index) in clients.Select((client, index) => (client, index)))
        {
            if (index % 2 == 0)
            {
                client.Dispose();
            }
            else
            {
                client.Reset();
            }
        }

        await Eventually.IsTrueAsync(() => Task.FromResult(Volatile.Read(ref open) <= 1));
        Assert.DoesNotContain(edge.Logs.Lines, line => line.Level >= LogLevel.Warning && (line.Category.StartsWith("Microsoft", StringComparison.Ordinal) || line.EventName == "UnhandledException"));
    }

    private static string CursorOf(long milliseconds)
    {
        Span<byte> bytes = stackalloc byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, milliseconds);
        BinaryPrimitives.WriteInt64BigEndian(bytes[sizeof(long)..], 1);
        return Base64Url.EncodeToString(bytes);
    }
}
