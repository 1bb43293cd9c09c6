using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Cencori.Edge.Dialects;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Errors;
using Cencori.Edge.Metering;
using Cencori.Edge.Providers.Catalog;
using Cencori.Edge.Providers.Forwarding.ResponseBodies;
using Cencori.Edge.Streams;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Streams;
using CsCheck;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Dialects;

/// <summary>The native endpoint sends the same content as the OpenAI endpoint, for any provider stream and any place where it breaks off.</summary>
public sealed class ChatStreamProperties
{
    /// <summary>The environment variable with the number of samples. To repeat a failure, set <c>CsCheck_Seed</c> to its seed.</summary>
    private const string Variable = "CENCORI_TEST_STREAMS";

    private static readonly ProviderDefinition Provider = new("openai", CredentialScheme.Bearer, "/v1", [], TimeSpan.FromMinutes(10), NeedsBaseUrl: false);

    private static readonly int Iterations = int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var count) ? count : 1_000;

    [Fact]
    [Trait(SlowestTests.Trait, "A thousand generated streams are read twice.")]
    public void Both_endpoints_send_the_same_content() => Gen.Int.Sample(
        seed =>
        {
            var chat = new SomeChat(seed);
            var (openai, bill, _) = Read(chat, isNative: false);
            var (native, nativeBill, ends) = Read(chat, isNative: true);
            if (openai is null)
            {
                // The stream broke before any content: both endpoints return a regular error response.
                Assert.Null(native);
                return;
            }

            Assert.NotNull(native);
            var reading = ChatReading.Of(openai);
            AssertSame(reading, Encoding.UTF8.GetString(native), bill);

            // After an error, the native endpoint stops reading.
            Assert.Equal((reading.Error is null ? bill : nativeBill, 1), (nativeBill, ends));
        },
        iter: Iterations);

    private static void AssertSame(ChatReading openai, string native, in NativeBill bill)
    {
        var reported = new NativeReading(native, null);
        var events = reported.Events;
        var reading = new ChatReading();
        foreach (var one in events.Where(one => one["delta"] is not null))
        {
            reading.Add(one);
        }

        Assert.Equal(openai.Texts, reading.Texts);
        Assert.Equal(openai.TextOf(0), string.Concat(events.Select(one => (string?)one["delta"])));
        Assert.Equal(openai.Error, (string?)events.LastOrDefault(one => one["error"] is not null)?["error"]);
        Assert.Equal(openai.Error is null, reported.IsDone);
        var ends = events.Where(one => one["delta"] is not null && one["finish_reason"] is not null).ToList();
        if (openai.Error is not null)
        {
            Assert.True(ends.Count <= 1 && events[^1]["error"] is not null);
            return;
        }

        Assert.Equal(openai.Calls, reading.Calls);
        Assert.Equal(openai.Reasons, reading.Reasons);
        AssertEnd(openai, events, ends, bill);
    }

    private static void AssertEnd(ChatReading openai, IReadOnlyList<JsonNode> events, List<JsonNode> ends, in NativeBill bill)
    {
        var first = openai.Calls.Split('\n').Where(call => call.StartsWith("0 ", StringComparison.Ordinal) && char.IsAsciiDigit(call[2]));
        var isReported = openai.Reasons.ContainsKey(0) || first.Any();
        Assert.Equal(isReported ? 1 : 0, ends.Count);
        if (isReported)
        {
            // No displayable text follows the event with the finish reason.
            Assert.Equal(openai.Reasons.GetValueOrDefault(0, "tool_calls"), (string?)ends[0]["finish_reason"]);
            var place = events.ToList().IndexOf(ends[0]);
            Assert.DoesNotContain(events.Skip(place + 1), one => one["delta"] is not null && one["choices"]!.AsArray().Any(choice => (string?)choice!["delta"]!["content"] is { Length: > 0 }));
            Assert.Equal(ends[0]["tool_calls"]?.ToJsonString(), ends[0]["toolCalls"]?.ToJsonString());
            Assert.Equal(first.Any(), ends[0]["toolCalls"] is not null);
        }

        var last = events[^1];
        Assert.Equal(["usage", "cost_usd"], last.AsObject().Select(member => member.Key));
        Assert.Equal(bill.CostUsd, (decimal?)last["cost_usd"]);
        if (bill.IsReported)
        {
            Assert.Equal(openai.Usage!.ToJsonString(), last["usage"]!.ToJsonString());
        }
        else
        {
            Assert.Equal((bill.Usage.PromptTokens, bill.Usage.CompletionTokens), ((long)last["usage"]!["prompt_tokens"]!, (long)last["usage"]!["completion_tokens"]!));
        }
    }

    private static (byte[]? Told, NativeBill Bill, int Ends) Read(SomeChat chat, bool isNative)
    {
        using var meter = new ResponseMeter(new TokenUsage(9, 0, 0, IsEstimated: true), UsageBounds.None, usage => usage.TotalTokens * 0.000001m);
        meter.Begin(200, isEventStream: true);
        var ends = 0;
        var attempt = SomeAttempt.At(Provider, () => ends = 1) with { Events = EventDialect.Chunks, IsStream = true, Meter = meter };
        var response = new ForwardedResponse(attempt, new DefaultHttpContext().Response, TimeProvider.System);
        Stream stream = response.Open(new BreakingStream(chat), isEventStream: true, length: null);
        if (isNative)
        {
            stream = new NativeResponse(NativeShape.Chat, "openai", "gpt-4o", chat.Choices, Bill).Open(stream, isEventStream: true, response.GiveUp);
        }

        using (stream)
        {
            try
            {
                using var passed = new MemoryStream();
                var buffer = new byte[chat.Room];
                int read;
                while ((read = stream.ReadAsync(buffer).AsTask().GetAwaiter().GetResult()) > 0)
                {
                    passed.Write(buffer, 0, read);
                }

                return (passed.ToArray(), Bill(), ends);
            }
            catch (IOException)
            {
                return (null, default, ends);
            }
        }

        NativeBill Bill()
        {
            if (ends == 0)
            {
                return default;
            }

            meter.Close();
            var usage = meter.Finish();
            return new(usage, meter.Cost(usage), meter.ReportsUsage, IsSettled: true);
        }
    }

    /// <summary>The provider's bytes in pieces, possibly broken off.</summary>
    private sealed class BreakingStream(SomeChat chat) : ForwardOnlyStream
    {
        private int _at;
        private int _reads;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.IsEmpty)
            {
                return new(0);
            }

            if (_at == chat.Cut)
            {
                return chat.IsCut ? ValueTask.FromException<int>(new IOException("Connection reset by peer.")) : new(0);
            }

            var count = Math.Min(Math.Min(buffer.Length, chat.Pieces[_reads++ % chat.Pieces.Length]), chat.Cut - _at);
            chat.Bytes.AsMemory(_at, count).CopyTo(buffer);
            _at += count;
            return new(count);
        }
    }
}
