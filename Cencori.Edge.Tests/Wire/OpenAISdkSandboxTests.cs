#pragma warning disable OPENAI001 // The SDK marks its responses API as experimental.
using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using Cencori.Edge.Records.Sql;
using Cencori.Edge.Tests.Infrastructure.Edges;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Responses;

namespace Cencori.Edge.Tests.Wire;

/// <summary>The official .NET SDK against the sandbox, with only the base URL and the key changed.</summary>
public sealed class OpenAISdkSandboxTests(ScriptedEdge at) : IClassFixture<ScriptedEdge>
{
    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool("get_weather", "Weather of a city", BinaryData.FromString(
        """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""));

    [Theory]
    [InlineData("/v1")]
    [InlineData("/v1/")]
    [InlineData("/api/v1")]
    public async Task A_chat_works_below_either_base_URL(string path)
    {
        ChatCompletion completion = await Chat("sandbox/echo", path).CompleteChatAsync("Say hello, please.");

        Assert.Equal("Say hello, please.", completion.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, completion.FinishReason);
        Assert.Equal((5, 11, 16), (completion.Usage.OutputTokenCount, completion.Usage.InputTokenCount, completion.Usage.TotalTokenCount));
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/api/v1")]
    public async Task A_streamed_chat_is_the_sum_of_its_deltas_and_ends_with_the_requested_usage(string path)
    {
        const string Text = "One two three four five six seven eight — nine 🎈 ten.";
        var text = new StringBuilder();
        var updates = new List<StreamingChatCompletionUpdate>();
        await foreach (var update in Chat("sandbox/echo", path).CompleteChatStreamingAsync(Text))
        {
            updates.Add(update);
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
        }

        Assert.Equal(Text, text.ToString());
        Assert.Equal(ChatFinishReason.Stop, Assert.Single(updates, update => update.FinishReason is not null).FinishReason);
        Assert.Same(updates[^1], Assert.Single(updates, update => update.Usage is not null));
        Assert.True(updates[^1].Usage.OutputTokenCount > 10);
        Assert.True(updates.Count > 5);
    }

    [Fact]
    public async Task A_tool_call_is_assembled_from_a_stream_and_its_result_is_used_in_a_second_turn()
    {
        var options = new ChatCompletionOptions { Tools = { Weather } };
        List<ChatMessage> messages = [new UserChatMessage("Weather in Accra?")];
        var (id, name, arguments) = ("", "", new StringBuilder());
        await foreach (var call in Chat("gpt-4o").CompleteChatStreamingAsync(messages, options).SelectMany(update => update.ToolCallUpdates.ToAsyncEnumerable()))
        {
            id += call.ToolCallId;
            name += call.FunctionName;
            arguments.Append(call.FunctionArgumentsUpdate);
        }

        Assert.Equal("get_weather", name);
        Assert.Equal("""{"city":"Weather in Accra?"}""", arguments.ToString());
        messages.Add(new AssistantChatMessage([ChatToolCall.CreateFunctionToolCall(id, name, BinaryData.FromString(arguments.ToString()))]));
        messages.Add(new ToolChatMessage(id, "31 degrees"));
        ChatCompletion completed = await Chat("gpt-4o").CompleteChatAsync(messages, options);
        Assert.Equal(ChatFinishReason.Stop, completed.FinishReason);
        Assert.Contains("31 degrees", completed.Content[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_call_in_one_piece_is_read_and_its_result_is_used()
    {
        var options = new ChatCompletionOptions { Tools = { Weather } };
        List<ChatMessage> messages = [new UserChatMessage("Weather in Accra?")];

        ChatCompletion requested = await Chat("gpt-4o").CompleteChatAsync(messages, options);
        var call = Assert.Single(requested.ToolCalls);
        messages.AddRange([new AssistantChatMessage(requested), new ToolChatMessage(call.Id, "31 degrees")]);
        ChatCompletion completed = await Chat("gpt-4o").CompleteChatAsync(messages, options);

        Assert.Equal((ChatFinishReason.ToolCalls, "get_weather"), (requested.FinishReason, call.FunctionName));
        Assert.Contains("31 degrees", completed.Content[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embeddings_are_read_as_floats_although_the_SDK_asks_for_base64()
    {
        var client = at.Edge.OpenAI(at.Edge.Welcome.TestKey!).GetEmbeddingClient("text-embedding-3-small");

        OpenAIEmbeddingCollection vectors = await client.GenerateEmbeddingsAsync(["hello", "other", "hello"], new EmbeddingGenerationOptions { Dimensions = 64 });

        Assert.Equal([0, 1, 2], vectors.Select(vector => vector.Index));
        Assert.Equal(64, vectors[0].ToFloats().Length);
        Assert.Equal(vectors[0].ToFloats().ToArray(), vectors[2].ToFloats().ToArray());
        Assert.NotEqual(vectors[0].ToFloats().ToArray(), vectors[1].ToFloats().ToArray());
        Assert.Equal(1, vectors[0].ToFloats().ToArray().Sum(value => value * value), 3);
        Assert.True(vectors.Usage.InputTokenCount > 0);
    }

    [Theory]
    [InlineData("/v1")]
    [InlineData("/api/v1")]
    public async Task Models_are_listed_and_each_can_be_retrieved(string path)
    {
        var client = at.Edge.OpenAI(at.Edge.Welcome.TestKey!, path).GetOpenAIModelClient();

        var models = (await client.GetModelsAsync()).Value;
        var slashed = (await client.GetModelAsync("sandbox/echo")).Value;

        Assert.Contains(models, model => model is { Id: "gpt-4o", OwnedBy: "openai" });
        Assert.Contains(models, model => model is { Id: "sandbox/echo", OwnedBy: "sandbox" });
        Assert.Equal(("sandbox/echo", "sandbox"), (slashed.Id, slashed.OwnedBy));
        var missing = await Assert.ThrowsAsync<ClientResultException>(() => client.GetModelAsync("nowhere"));
        Assert.Equal(404, missing.Status);
    }

    [Fact]
    public async Task Responses_are_read_as_a_whole_and_as_a_stream()
    {
        var client = new ResponsesClient(new ApiKeyCredential(at.Edge.Welcome.TestKey!), new ResponsesClientOptions
        {
            Endpoint = new Uri(at.Edge.Address, "/v1"),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
        });

        ResponseResult whole = await client.CreateResponseAsync("sandbox/echo", "one two three");
        var text = new StringBuilder();
        ResponseResult? completed = null;
        await foreach (var update in await client.CreateResponseStreamingAsync("sandbox/echo", "one two three four five"))
        {
            text.Append((update as StreamingResponseOutputTextDeltaUpdate)?.Delta);
            completed = (update as StreamingResponseCompletedUpdate)?.Response ?? completed;
        }

        Assert.Equal("one two three", whole.GetOutputText());
        Assert.Equal(3, whole.Usage.OutputTokenCount);
        Assert.Equal("one two three four five", text.ToString());
        Assert.Equal("one two three four five", completed?.GetOutputText());
    }

    [Fact]
    public async Task Moderation_gets_a_result()
    {
        var client = at.Edge.OpenAI(at.Edge.Welcome.TestKey!).GetModerationClient("omni-moderation-latest");

        var results = (await client.ClassifyTextAsync(["a", "b"])).Value;

        Assert.Equal(2, results.Count);
        Assert.All(results, result => Assert.False(result.Flagged));
    }

    private ChatClient Chat(string model, string path = "/v1") => at.Edge.OpenAI(at.Edge.Welcome.TestKey!, path).GetChatClient(model);
}
