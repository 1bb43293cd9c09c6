using System.ClientModel;
using System.Text;
using System.Text.Json;
using Cencori.Edge.Records.Sql;
using OpenAI.Chat;

namespace Cencori.Edge.Tests.Providers.Sandbox;

public sealed class SandboxSdkTests
{
    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool("get_weather", "Weather of a city", BinaryData.FromString(
        """{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"},"unit":{"enum":["C","F"]}},"required":["city","days","unit"]}"""));

    [Fact]
    public async Task Chat_echo_returns_the_question_with_usage()
    {
        ChatCompletion completion = await Chat("sandbox/echo").CompleteChatAsync("Say hello, please.");

        Assert.Equal("Say hello, please.", completion.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, completion.FinishReason);
        Assert.Equal("sandbox/echo", completion.Model);
        Assert.Equal(5, completion.Usage.OutputTokenCount);
        Assert.Equal(5 + 3 + 3, completion.Usage.InputTokenCount);
        Assert.Equal(16, completion.Usage.TotalTokenCount);
    }

    [Fact]
    public async Task Chat_with_another_providers_model_returns_that_models_name()
    {
        ChatCompletion completion = await Chat("gpt-4o").CompleteChatAsync("Are you there?");

        Assert.Equal("gpt-4o", completion.Model);
        Assert.Contains("gpt-4o", completion.Content[0].Text, StringComparison.Ordinal);
        Assert.EndsWith("Are you there?", completion.Content[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_streamed_chat_has_the_whole_text_and_the_usage_last()
    {
        var text = new StringBuilder();
        var updates = 0;
        ChatTokenUsage? usage = null;
        ChatFinishReason? finish = null;
        await foreach (var update in Chat("echo").CompleteChatStreamingAsync("One two three four five six seven eight — nine 🎈 ten."))
        {
            updates++;
            finish ??= update.FinishReason;
            usage = update.Usage;
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
        }

        Assert.Equal("One two three four five six seven eight — nine 🎈 ten.", text.ToString());
        Assert.Equal(ChatFinishReason.Stop, finish);
        Assert.NotNull(usage);
        Assert.True(usage.OutputTokenCount > 10);
        Assert.True(updates > 5);
    }

    [Fact]
    public async Task A_tool_is_called_and_its_result_is_quoted()
    {
        var options = new ChatCompletionOptions { Tools = { Weather } };
        List<ChatMessage> messages = [new UserChatMessage("Weather in Accra?")];

        ChatCompletion requested = await Chat("gpt-4o").CompleteChatAsync(messages, options);
        Assert.Equal(ChatFinishReason.ToolCalls, requested.FinishReason);
        var call = Assert.Single(requested.ToolCalls);
        Assert.Equal("get_weather", call.FunctionName);
        AssertArguments(call.FunctionArguments.ToString());

        messages.Add(new AssistantChatMessage(requested));
        messages.Add(new ToolChatMessage(call.Id, "31 degrees"));
        ChatCompletion completed = await Chat("gpt-4o").CompleteChatAsync(messages, options);
        Assert.Equal(ChatFinishReason.Stop, completed.FinishReason);
        Assert.Contains("31 degrees", completed.Content[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_streamed_tool_call_comes_in_pieces_that_join_to_JSON()
    {
        var options = new ChatCompletionOptions { Tools = { Weather } };
        var arguments = new StringBuilder();
        var (names, ids, pieces) = (new List<string>(), new List<string>(), 0);
        ChatFinishReason? finish = null;
        await foreach (var update in Chat("gpt-4o").CompleteChatStreamingAsync([new UserChatMessage("Weather in Accra?")], options))
        {
            finish ??= update.FinishReason;
            foreach (var call in update.ToolCallUpdates)
            {
                names.AddRange(call.FunctionName is { Length: > 0 } name ? [name] : []);
                ids.AddRange(call.ToolCallId is { Length: > 0 } id ? [id] : []);
                var piece = call.FunctionArgumentsUpdate?.ToString() ?? "";
                pieces += piece.Length > 0 ? 1 : 0;
                arguments.Append(piece);
            }
        }

        Assert.Equal(["get_weather"], names);
        Assert.StartsWith("call_", Assert.Single(ids), StringComparison.Ordinal);
        Assert.True(pieces >= 2);
        AssertArguments(arguments.ToString());
        Assert.Equal(ChatFinishReason.ToolCalls, finish);
    }

    [Fact]
    public async Task Embeddings_are_unit_vectors_and_equal_for_equal_texts()
    {
        var client = SandboxSdk.Client().GetEmbeddingClient("text-embedding-3-small");

        var vectors = (await client.GenerateEmbeddingsAsync(["hello", "other", "hello"])).Value.Select(one => one.ToFloats().ToArray()).ToList();

        Assert.Equal(1536, vectors[0].Length);
        Assert.Equal(vectors[0], vectors[2]);
        Assert.NotEqual(vectors[0], vectors[1]);
        Assert.Equal(1, vectors[0].Sum(value => value * value), 3);
    }

    [Fact]
    public async Task Models_are_listed_and_found()
    {
        var client = SandboxSdk.Client().GetOpenAIModelClient();

        var ids = (await client.GetModelsAsync()).Value.Select(model => model.Id).ToList();

        Assert.Contains("sandbox/echo", ids);
        Assert.Equal("sandbox/echo", (await client.GetModelAsync("sandbox/echo")).Value.Id);
        var missing = await Assert.ThrowsAsync<ClientResultException>(() => client.GetModelAsync("nowhere"));
        Assert.Equal(404, missing.Status);
    }

    [Fact]
    public async Task Moderation_flags_nothing()
    {
        var client = SandboxSdk.Client().GetModerationClient("omni-moderation-latest");

        var results = (await client.ClassifyTextAsync(["a", "b"])).Value;

        Assert.Equal(2, results.Count);
        Assert.All(results, result => Assert.False(result.Flagged || result.Violence.Flagged));
    }

    [Theory]
    [InlineData("error-400", 400)]
    [InlineData("error-401", 401)]
    [InlineData("error-429", 429)]
    [InlineData("sandbox/error-500", 500)]
    [InlineData("error-503", 503)]
    public async Task An_error_model_fails_with_its_status(string model, int status)
    {
        var error = await Assert.ThrowsAsync<ClientResultException>(() => Chat(model).CompleteChatAsync("Hi"));

        Assert.Equal(status, error.Status);
        Assert.Contains("The sandbox was asked", error.Message, StringComparison.Ordinal);
    }

    private static ChatClient Chat(string model) => SandboxSdk.Client().GetChatClient(model);

    private static void AssertArguments(string arguments)
    {
        var json = JsonElement.Parse(arguments);
        Assert.Equal("Weather in Accra?", json.GetProperty("city").GetString());
        Assert.Equal(1, json.GetProperty("days").GetInt32());
        Assert.Equal("C", json.GetProperty("unit").GetString());
    }
}
