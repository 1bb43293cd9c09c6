using System.Globalization;
using System.IO.Compression;
using Cencori.Edge.Budgets;
using Cencori.Edge.Storage.Requests;
using Cencori.Edge.Tests.Budgets;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Clients;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Cencori.Edge.Tests.Records;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;

namespace Cencori.Edge.Tests.Pipeline.Billing;

/// <summary>
/// For any response of a provider and any disconnect of the caller: limits, budget, record and stored sums agree, nothing is negative, and
/// nothing exceeds what the request allows.
/// </summary>
[Trait(SlowestTests.Trait, "Sends some hundred complete requests and compares each in four places.")]
public sealed class BillProperties(ClockedEdge scene) : IClassFixture<ClockedEdge>
{
    /// <summary>The environment variable with the number of samples. To repeat a failure, set <c>CsCheck_Seed</c> to its seed.</summary>
    private const string Variable = "CENCORI_TEST_ANSWERS";

    private const long Tokens = 1_000_000_000;
    private const long Input = 10;
    private const long Output = 1_000;

    // Input: the request's text, and 10,000 tokens that a provider may add. Output: twice the request's limit, and another 10,000.
    private const long MaxInput = 10_200;
    private const long MaxOutput = (2 * Output) + 10_000;

    private static readonly int Iterations = int.TryParse(Environment.GetEnvironmentVariable(Variable), CultureInfo.InvariantCulture, out var count) ? count : 25;

    private static readonly Gen<string> Value = Gen.OneOf(
        Gen.Int[0, 2_000].Select(number => $"{number}"),
        Gen.Int[0, 2_000].Select(number => $"{number}"),
        Gen.OneOfConst("9223372036854775807", "99999999999999999999999", "-1", "-9223372036854775808", "1e3", "0.5", "null", "true", "\"12\"", "{}", "[]", "[1,2]", "{\"cached_tokens\":5}", "{\"audio_tokens\":-7}"));

    private static readonly Gen<string> Field = Gen.OneOfConst(
        "prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "output_tokens", "cached_tokens", "prompt_tokens_details", "completion_tokens_details",
        "cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation", "num_cached_tokens", "cost", "is_byok", "cost_details", "cost_in_usd_ticks", "seconds", "service_tier", "prompt_cache_hit_tokens", "usage");

    private static readonly Gen<string> Usage = Gen.OneOf(
        Gen.Select(Field, Value).Array[0, 8].Select(fields => "{" + string.Join(',', fields.Select(field => $"\"{field.Item1}\":{field.Item2}")) + "}"),
        Gen.Select(Gen.Int[0, 2_000], Gen.Int[0, 2_000]).Select(numbers => $$"""{"prompt_tokens":{{numbers.Item1}},"completion_tokens":{{numbers.Item2}}}"""),
        Gen.OneOfConst("null", "[]", "7", "\"much\""));

    private static readonly Gen<GeneratedResponse> Responses = Gen.Select(
        Gen.OneOfConst(200, 200, 200, 200, 201, 202, 206, 302, 400, 401, 429, 500, 503),
        Gen.OneOfConst("application/json", "application/json", "text/event-stream", "text/event-stream", "text/plain", "application/octet-stream", ""),
        Gen.OneOfConst("", "", "", "gzip", "br", "deflate", "identity", "x-mine"),
        Gen.Select(Gen.OneOfConst(Place.Document, Place.Stream, Place.Choice, Place.Response, Place.Groq, Place.Nothing), Usage),
        Gen.Select(Gen.Bool, Gen.Int[0, 4_000]),
        Gen.OneOfConst(Leaving.Stays, Leaving.Stays, Leaving.Stays, Leaving.BeforeTheHead, Leaving.AfterTheHead),
        static (status, type, encoding, content, cut, leaving) => new GeneratedResponse(status, type, encoding, content.Item1, content.Item2, cut.Item1 ? cut.Item2 : int.MaxValue, leaving));

    private enum Place
    {
        Document,
        Stream,
        Choice,
        Response,
        Groq,
        Nothing,
    }

    private enum Leaving
    {
        Stays,
        BeforeTheHead,
        AfterTheHead,
    }

    [Fact]
    public Task Tokens_and_cost_agree_everywhere_for_any_response() => Gen.Select(Responses.Array[1, 4], Gen.Bool).SampleAsync(
        async (responses, isStream) =>
        {
            var project = await scene.Edge.CreateProjectAsync("openai");
            await scene.Edge.SetLimitsAsync(project, new { tokens_per_minute = Tokens });
            await scene.Edge.SendAdminAsync(HttpMethod.Put, $"/api/projects/{project}/budget", new { monthly_budget_usd = 1_000_000 });
            var key = await scene.Edge.CreateKeyAsync(project);
            foreach (var generated in responses)
            {
                await AskAsync(key, generated, isStream);
            }

            var rows = await scene.Edge.RowsOfAsync(project, responses.Length);
            Assert.Equal(responses.Length, rows.Count);
            Assert.All(rows, AssertPlausible);
            var cost = rows.Sum(row => row.CostUsd ?? 0);
            Assert.Equal(cost, (decimal?)(await scene.Edge.SendAdminAsync(HttpMethod.Get, $"/api/projects/{project}/budget"))["current_spend_usd"]);
            Assert.Equal(cost, await scene.Edge.Services.GetRequiredService<ISpendHistory>().SpentAsync(project, null, scene.Clock.GetUtcNow().AddDays(-1)));

            // The reservation of this request is not settled yet when its headers are written.
            using var last = await scene.PostChatAsync(key);
            var used = rows.Sum(row => row.PromptTokens + row.CompletionTokens);
            Assert.Equal(Tokens - used - 100, long.Parse(last.Header("x-ratelimit-remaining-tokens")!, CultureInfo.InvariantCulture));
        },
        iter: Iterations,
        threads: 1);

    private static void AssertPlausible(RequestRecord row)
    {
        Assert.InRange(row.PromptTokens, 0, MaxInput);
        Assert.InRange(row.CompletionTokens, 0, MaxOutput);
        Assert.InRange(row.CachedTokens, 0, row.PromptTokens);
        Assert.True(row.CostUsd is null or >= 0, $"{row.CostUsd}");

        // The edge accepts a reported cost of up to 2 USD plus the price of the tokens, at prices above those of every model.
        var max = row.CostSource == CostSource.Provider ? 2 + (((MaxInput * 300m) + (MaxOutput * 1_200m)) / 1_000_000) : ((row.PromptTokens * 5m) + (row.CompletionTokens * 20m)) / 1_000_000;
        Assert.True(row.CostUsd is null || row.CostUsd <= max + 0.000_000_001m, $"{row.CostUsd} of {row.PromptTokens} and {row.CompletionTokens}");
        if (row.Status is >= 300 and not 499 && row.ErrorCode is not "PROVIDER_ERROR" and not "PROVIDER_TIMEOUT")
        {
            Assert.Equal((0, 0, 0), (row.PromptTokens, row.CompletionTokens, row.CostUsd ?? 0));
        }
    }

    private async Task AskAsync(string key, GeneratedResponse generated, bool isStream)
    {
        using var left = new CancellationTokenSource();
        scene.Provider.Enqueue((_, response) => generated.SendAsync(response, left));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = RunningEdge.Json(ClockedEdge.ChatOf(Input + Output, isStream)) };
        request.Headers.Authorization = new("Bearer", key);
        try
        {
            using var received = await scene.Edge.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, left.Token);
            if (generated.Leaving == Leaving.AfterTheHead)
            {
                return;
            }

            await received.Content.ReadAsByteArrayAsync(left.Token);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            // Some responses break off, and some callers disconnect.
        }
    }

    private const string Said = """{"choices":[{"index":0,"delta":{"content":"one two three"}}]}""";

    private sealed record GeneratedResponse(int Status, string Type, string Encoding, Place Place, string Usage, int Cut, Leaving Leaving)
    {
        public async Task SendAsync(ScriptedResponse response, CancellationTokenSource left)
        {
            if (Leaving == Leaving.BeforeTheHead)
            {
                await left.CancelAsync();
                await response.WaitForAbortAsync();
                return;
            }

            var whole = Encode(System.Text.Encoding.UTF8.GetBytes(Text()));
            var body = whole.AsMemory(0, Math.Min(Cut, whole.Length));
            await response.SendHeadAsync(Status, [
                .. Type.Length == 0 ? Array.Empty<(string, string)>() : [("Content-Type", Type)],
                .. Encoding.Length == 0 ? Array.Empty<(string, string)>() : [("Content-Encoding", Encoding)],
                ("Content-Length", $"{whole.Length}"),
            ]);
            if (body.Length > 0)
            {
                await response.SendAsync(body);
            }

            if (body.Length < whole.Length)
            {
                await response.CloseAsync();
            }
        }

        private string Text() => Place switch
        {
            Place.Document => """{"choices":[{"index":0,"message":{"role":"assistant","content":"one two three"}}],"usage":""" + Usage + "}",
            Place.Choice => """{"choices":[{"index":0,"message":{"role":"assistant","content":"one two three"},"usage":""" + Usage + "}]}",
            Place.Response => Event("""{"type":"response.output_text.delta","delta":"one two three"}""") + Event("""{"type":"response.completed","response":{"usage":""" + Usage + "}}"),
            Place.Groq => Event(Said) + Event("""{"choices":[],"x_groq":{"usage":""" + Usage + "}}") + Event("[DONE]"),
            Place.Stream => Event(Said) + Event("""{"choices":[],"usage":""" + Usage + "}") + Event("[DONE]"),
            _ => "",
        };

        private static string Event(string data) => $"data: {data}\n\n";

        private byte[] Encode(byte[] bytes)
        {
            var packed = new MemoryStream();
            using Stream? packer = Encoding switch
            {
                "gzip" => new GZipStream(packed, CompressionLevel.Fastest),
                "br" => new BrotliStream(packed, CompressionLevel.Fastest),
                "deflate" => new ZLibStream(packed, CompressionLevel.Fastest),
                _ => null,
            };
            if (packer is null)
            {
                return bytes;
            }

            packer.Write(bytes);
            packer.Dispose();
            return packed.ToArray();
        }
    }
}
