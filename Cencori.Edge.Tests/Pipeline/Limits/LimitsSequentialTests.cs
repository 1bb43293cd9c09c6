using Cencori.Edge.Tests.Infrastructure;
using Cencori.Edge.Tests.Infrastructure.Edges;
using Cencori.Edge.Tests.Infrastructure.Providers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenAI.Chat;
using Yarp.ReverseProxy.Forwarder;

namespace Cencori.Edge.Tests.Pipeline.Limits;

/// <summary>A caller that waits for each response never has two requests in progress, and must never be refused for concurrency.</summary>
public class LimitsSequentialTests
{
    private const int Requests = 10;

    [Fact]
    public async Task One_caller_with_one_slot_is_never_refused()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.JsonAsync(200, ScriptedProvider.ChatCompletion("gpt-4o", "hi", 1, 1)));
        await using var edge = await StartAsync(provider);
        var chat = await ChatWithOneSlotAsync(edge);

        for (var i = 0; i < Requests; i++)
        {
            ChatCompletion completion = await chat.CompleteChatAsync("Hello!");
            Assert.Equal("hi", completion.Content[0].Text);
        }
    }

    [Fact]
    public async Task One_streaming_caller_with_one_slot_is_never_refused()
    {
        await using var provider = new ScriptedProvider();
        provider.Respond((_, response) => response.SseAsync(ScriptedProvider.ChatChunks("gpt-4o", ["h", "i"])));
        await using var edge = await StartAsync(provider);
        var chat = await ChatWithOneSlotAsync(edge);

        for (var i = 0; i < Requests; i++)
        {
            var text = "";
            await foreach (var update in chat.CompleteChatStreamingAsync("Hello!"))
            {
                text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            }

            Assert.Equal("hi", text);
        }
    }

    private static Task<RunningEdge> StartAsync(ScriptedProvider provider) => RunningEdge.StartAsync(
        [RunningEdge.Destination("openai", provider.Address)],
        builder =>
        {
            var forwarder = builder.Services.Last(service => service.ServiceType == typeof(IHttpForwarder)).ImplementationType!;
            builder.Services.AddSingleton<IHttpForwarder>(services => new Lingering((IHttpForwarder)ActivatorUtilities.CreateInstance(services, forwarder)));
        });

    private static async Task<ChatClient> ChatWithOneSlotAsync(RunningEdge edge)
    {
        var project = await edge.CreateProjectAsync("openai");
        await edge.SetLimitsAsync(project, new { concurrent_requests = 1 });
        return edge.OpenAI(await edge.CreateKeyAsync(project)).GetChatClient("gpt-4o");
    }

    /// <summary>Extends the moment between the last byte of the response and the end of the request, which is otherwise hard to hit.</summary>
    private sealed class Lingering(IHttpForwarder forwarder) : IHttpForwarder
    {
        public async ValueTask<ForwarderError> SendAsync(
            HttpContext context, string destinationPrefix, HttpMessageInvoker httpClient, ForwarderRequestConfig requestConfig, HttpTransformer transformer)
        {
            var error = await forwarder.SendAsync(context, destinationPrefix, httpClient, requestConfig, transformer);
            await RealTime.PassesAsync(TimeSpan.FromMilliseconds(50), "The time between the last byte of the response and the end of the request is extended.");
            return error;
        }
    }
}
