using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using Cencori.Edge.Records;
using Cencori.Edge.Records.Rollups;
using Cencori.Edge.Storage;
using Cencori.Edge.Storage.Requests;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Bench.Micro;

/// <summary>The cost of a record for its request, and of adding it to the roll-ups later.</summary>
public class RecordBench
{
    // Below the writer's limit of pending records, so that none is dropped.
    private const int Records = 40_000;

    private readonly RequestRecord _record = Record(800_000);
    private readonly RequestRecord[] _records = [.. Enumerable.Range(0, Records).Select(number => Record(200_000 + number * 50))];
    private readonly UsageSums _sums = new();
    private readonly LatencyHistogram _histogram = new();
    private WebApplication? _edge;
    private RecordWriter? _writer;
    private int _next;

    [GlobalSetup(Target = nameof(Write))]
    public async Task PrepareAsync() => _edge = await BenchEdge.PrepareAsync();

    [GlobalCleanup(Target = nameof(Write))]
    public ValueTask RemoveAsync() => BenchEdge.RemoveAsync(_edge!);

    [IterationSetup(Target = nameof(Write))]
    public void Renew()
    {
        // Not started: only the request's part is measured.
        var meters = new RecordMeters(_edge!.Services.GetRequiredService<IMeterFactory>());
        _writer = ActivatorUtilities.CreateInstance<RecordWriter>(_edge.Services, meters);
    }

    [IterationCleanup(Target = nameof(Write))]
    public void Release() => _writer!.Dispose();

    [Benchmark(Description = "hand a record to the writer", OperationsPerInvoke = Records)]
    public void Write()
    {
        for (var index = 0; index < Records; index++)
        {
            _writer!.Write(_record);
        }
    }

    [Benchmark(Description = "add a latency to a histogram")]
    public void Latency() => _histogram.Add(_records[Next()].DurationMicroseconds);

    [Benchmark(Description = "add a record to a sum")]
    public void Sum() => _sums.Add(_records[Next()]);

    private int Next() => _next = _next + 1 == Records ? 0 : _next + 1;

    private static RequestRecord Record(long microseconds) => new()
    {
        RequestId = "req_0198a5b2c3d47e8f9a0b1c2d3e4f5a6b",
        StartedAt = TimeProvider.System.GetUtcNow(),
        ProjectId = "prj_bench",
        KeyId = "key_0198a5b2c3d47e8f9a0b1c2d3e4f5a6b",
        Environment = KeyEnvironment.Production,
        Endpoint = "POST /v1/chat/completions",
        ModelAsked = "gpt-4o",
        ModelServed = "gpt-4o",
        Provider = "openai",
        CredentialHint = "abcd",
        IsStream = true,
        Status = 200,
        Outcome = RequestOutcome.Success,
        PromptTokens = 12,
        CompletionTokens = 200,
        CostUsd = 0.002_03m,
        FirstByteMicroseconds = 200_000,
        DurationMicroseconds = microseconds,
        EdgeMicroseconds = 80,
        ClientAddress = "203.0.113.7",
    };
}
