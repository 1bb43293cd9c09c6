using Cencori.Edge.Providers.Sandbox;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Microsoft.Extensions.Time.Testing;

namespace Cencori.Edge.Tests.Providers.Sandbox;

public class SandboxWorkTests
{
    [Fact]
    public void A_key_over_its_work_limit_waits_for_the_refill_and_other_keys_do_not()
    {
        var time = new FakeTimeProvider();
        var work = new SandboxWork(time);

        work.HasWritten("one", SandboxWork.MaxBytes);
        var wait = work.Wait("one");
        work.HasWritten("one", SandboxWork.BytesPerMinute);
        var longer = work.Wait("one");

        Assert.InRange(wait, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(1));
        Assert.InRange(longer, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60.001));
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (work.Wait("other"), work.Wait(null)));
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(TimeSpan.Zero, work.Wait("one"));
    }

    [Fact]
    public async Task A_key_over_its_work_limit_gets_429_with_Retry_After()
    {
        await using var edge = await RunningEdge.StartAsync();
        var project = await edge.CreateProjectAsync();
        var greedy = await edge.CreateKeyAsync(project, environment: "test");
        var body = new { model = "text-embedding-3-small", dimensions = 146, encoding_format = "base64", input = Enumerable.Repeat("a", 2_048) };

        HttpResponseMessage? refused = null;
        var length = 0L;
        for (var i = 0; i < 40 && refused is null; i++)
        {
            using var response = await edge.PostAsync(greedy, "/v1/embeddings", body);
            length += (await response.Content.ReadAsByteArrayAsync()).Length;
            refused = response.IsSuccessStatusCode ? null : response;
        }

        Assert.Equal(429, (int?)refused?.StatusCode);
        Assert.True(refused!.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        Assert.InRange(length, SandboxWork.MaxBytes / 2, 3 * SandboxWork.MaxBytes);
        using var other = await edge.PostAsync(await edge.CreateKeyAsync(project, environment: "test"), "/v1/embeddings", body);
        Assert.Equal(200, (int)other.StatusCode);
    }
}
