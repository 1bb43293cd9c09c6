using System.Text;
using System.Text.Json;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Scanning;
using Cencori.Edge.Bodies.Splicing;
using Cencori.Edge.Endpoints;
using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using CsCheck;
using Microsoft.AspNetCore.Http;

namespace Cencori.Edge.Tests.Bodies;

/// <summary>Compares requests to native endpoints with a translation of whole documents, on generated bodies.</summary>
public class NativeBodiesProperties
{
    private const string Usual = "usual";

    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["maxTokens"] = "max_tokens",
        ["toolChoice"] = "tool_choice",
        ["userId"] = "user",
        ["frequencyPenalty"] = "frequency_penalty",
        ["presencePenalty"] = "presence_penalty",
        ["responseFormat"] = "response_format",
        ["encodingFormat"] = "encoding_format",
    };

    private static readonly EdgeEndpoint Chat = EndpointTable.Find("POST", "/api/ai/chat", out _, out _);

    [Fact]
    [Trait(SlowestTests.Trait, "Each generated body is changed, and compared member by member.")]
    public void Native_names_are_renamed_and_every_other_byte_is_the_callers() =>
        Gen.Select(SomeJson.NativeRequest, Gen.Bool).Sample((json, asksForUsage) =>
        {
            var original = Encoding.UTF8.GetBytes(json);
            using var before = SomeJson.Parse(original);
            var names = before.RootElement.EnumerateObject().Select(property => property.Name).ToList();
            var twice = Names.Where(pair => names.Contains(pair.Key) && names.Contains(pair.Value)).Select(pair => pair.Key).ToList();
            var models = before.RootElement.EnumerateObject().Where(property => property.NameEquals("model")).Select(property => property.Value.ValueKind).ToList();
            if (!RequestScanner.TryScan(original, Chat.Operation, NotedFields.NativeNames, out var scan, out var problem))
            {
                // Only two kinds of request are refused: with both names of one field, or with a repeated model that is once null.
                Assert.True(twice.Contains(problem.Param!) || (problem.Param == "model" && models.Contains(JsonValueKind.Null) && models.Count > 1), problem.Message);
                return;
            }

            Assert.Empty(twice);
            var sent = Send(original, scan, asksForUsage, out var isAsked);

            using var after = SomeJson.Parse(sent);
            var expected = Translate(before, scan.Model ?? Usual, isAsked);
            Assert.Equal(expected.Order(), Properties(after).Order());
            if (!isAsked)
            {
                Assert.Equal(Encoding.UTF8.GetString(Rewrite(original, scan.Model is null || models.Count > 1, scan.Model ?? Usual)), Encoding.UTF8.GetString(sent));
            }
        }, iter: 5_000);

    [Fact]
    public async Task The_provider_receives_the_translated_request()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 3, 1)));
        await using var edge = await RunningEdge.StartAsync(provider);
        var project = await edge.CreateProjectAsync("openai");
        await edge.SendAdminAsync(HttpMethod.Patch, $"/api/projects/{project}", new { default_model = "gpt-4.1" });
        var key = await edge.CreateKeyAsync(project);

        await SomeJson.NativeRequest.SampleAsync(async json =>
        {
            using var document = SomeJson.Parse(Encoding.UTF8.GetBytes(json));
            using var edgeResponse = await edge.PostAsync(key, "/api/ai/chat", json);
            await edgeResponse.Content.ReadAsStringAsync();
            if ((int)edgeResponse.StatusCode != 200)
            {
                Assert.Equal(400, (int)edgeResponse.StatusCode);
                return;
            }

            var received = provider.Requests[^1];
            var model = document.RootElement.TryGetProperty("model", out var named) && named.ValueKind == JsonValueKind.String ? "gpt-4o" : "gpt-4.1";
            var isStream = document.RootElement.TryGetProperty("stream", out var stream) && stream.ValueKind == JsonValueKind.True;
            using var sent = SomeJson.Parse(received.Body);
            Assert.Equal("/v1/chat/completions", received.Target);
            Assert.Equal(Translate(document, model, isStream).Order(), Properties(sent).Order());
        }, iter: 100, threads: 1);
    }

    private static byte[] Send(byte[] original, in RequestScan scan, bool asksForUsage, out bool isAsked)
    {
        using var content = new JsonContent(PooledBodyTests.ReadAsync(original).GetAwaiter().GetResult(), scan, Chat);
        if (scan.Model is null)
        {
            Assert.Null(content.TakeModel(Usual));
        }

        isAsked = asksForUsage && content.CanRequestUsage;
        return content.Prepare(new DefaultHttpContext().Request, content.Model, isAsked ? UsageOption.Requested : UsageOption.AsSent)!.ReadAsByteArrayAsync().GetAwaiter().GetResult();
    }

    private static List<string> Translate(JsonDocument request, string model, bool asksForUsage)
    {
        var properties = request.RootElement.EnumerateObject()
            .Select(property => (Name: Names.GetValueOrDefault(property.Name, property.Name), Value: property.NameEquals("model") ? JsonSerializer.Serialize(model) : property.Value.GetRawText()))
            .ToList();
        if (!properties.Exists(property => property.Name == "model"))
        {
            properties.Add(("model", JsonSerializer.Serialize(model)));
        }

        if (asksForUsage)
        {
            properties.Add(("stream_options", """{"include_usage":true}"""));
        }

        return [.. properties.Select(property => $"{property.Name}: {property.Value}")];
    }

    private static IEnumerable<string> Properties(JsonDocument request) => request.RootElement.EnumerateObject().Select(property => $"{property.Name}: {property.Value.GetRawText()}");

    // Replaces bytes at the positions that a JSON reader finds, so that all other bytes stay the same.
    private static byte[] Rewrite(byte[] original, bool writesModel, string model)
    {
        var rewritten = new List<byte>();
        var kept = 0;
        var reader = new Utf8JsonReader(original, new JsonReaderOptions { MaxDepth = 512 });
        reader.Read();
        var inside = (int)reader.BytesConsumed;
        var hasModel = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (name, start, end) = (reader.GetString()!, (int)reader.TokenStartIndex, (int)reader.TokenStartIndex + reader.ValueSpan.Length + 2);
            reader.Read();
            if (Names.TryGetValue(name, out var other))
            {
                rewritten.AddRange([.. original[kept..start], .. Encoding.UTF8.GetBytes($"\"{other}\"")]);
                kept = end;
            }

            if (name == "model" && writesModel)
            {
                hasModel = true;
                rewritten.AddRange([.. original[kept..(int)reader.TokenStartIndex], .. JsonSerializer.SerializeToUtf8Bytes(model)]);
                kept = (int)reader.BytesConsumed;
            }

            reader.Skip();
        }

        rewritten.AddRange(original[kept..]);
        if (writesModel && !hasModel)
        {
            rewritten.InsertRange(inside, Encoding.UTF8.GetBytes($"\"model\":{JsonSerializer.Serialize(model)}{(original[inside..].AsSpan().TrimStart(" \t\r\n"u8)[0] == '}' ? "" : ",")}"));
        }

        return [.. rewritten];
    }
}
