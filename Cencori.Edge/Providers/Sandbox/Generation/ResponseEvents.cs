using System.Text.Json;

namespace Cencori.Edge.Providers.Sandbox.Generation;

/// <summary>The event stream of a response. There is no <c>[DONE]</c>: the last event reports the final status and repeats the whole response.</summary>
internal sealed class ResponseEvents(SandboxModel model, ModelOutput output, ResponseShapes response)
{
    private int _sequence;

    public IEnumerable<SandboxEvent> All()
    {
        using var buffer = new SandboxEventBuffer();
        yield return Frame(buffer, "response.created", Whole(response.WriteStarted));
        yield return Frame(buffer, "response.in_progress", Whole(response.WriteStarted));
        yield return Frame(buffer, "response.output_item.added", Item("in_progress", isFinished: false));
        foreach (var item in output.Call is { } call ? CallEvents(buffer, call) : TextEvents(buffer))
        {
            yield return item;
        }

        yield return Frame(buffer, "response.output_item.done", Item(response.FinalStatus, isFinished: true));
        yield return Frame(buffer, $"response.{response.FinalStatus}", Whole(response.WriteFinished));
    }

    private IEnumerable<SandboxEvent> TextEvents(SandboxEventBuffer buffer)
    {
        yield return Frame(buffer, "response.content_part.added", Part(""));
        foreach (var piece in output.Deltas(model))
        {
            yield return Frame(buffer, "response.output_text.delta", Text("delta", piece), isDelta: true);
        }

        yield return Frame(buffer, "response.output_text.done", Text("text", output.Text));
        yield return Frame(buffer, "response.content_part.done", Part(output.Text));
    }

    private IEnumerable<SandboxEvent> CallEvents(SandboxEventBuffer buffer, FunctionCall call)
    {
        var type = call.IsCustom ? "response.custom_tool_call_input" : "response.function_call_arguments";
        foreach (var piece in call.Pieces)
        {
            yield return Frame(buffer, $"{type}.delta", Arguments("delta", piece), isDelta: true);
        }

        yield return Frame(buffer, $"{type}.done", Arguments(call.ArgumentsName, call.Arguments));
    }

    private SandboxEvent Frame(SandboxEventBuffer buffer, string type, Action<Utf8JsonWriter> write, bool isDelta = false)
    {
        void WriteEvent(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteNumber("sequence_number", _sequence++);
            write(json);
            json.WriteEndObject();
        }

        return buffer.Frame(WriteEvent, type, isDelta);
    }

    private static Action<Utf8JsonWriter> Whole(Action<Utf8JsonWriter> write) => json =>
    {
        json.WritePropertyName("response");
        write(json);
    };

    private Action<Utf8JsonWriter> Item(string status, bool isFinished) => json =>
    {
        json.WriteNumber("output_index", 0);
        json.WritePropertyName("item");
        response.WriteItem(json, status, isFinished);
    };

    private Action<Utf8JsonWriter> Part(string text) => json =>
    {
        WritePlace(json);
        json.WriteNumber("content_index", 0);
        json.WritePropertyName("part");
        ResponseShapes.WritePart(json, text);
    };

    private Action<Utf8JsonWriter> Text(string name, string text) => json =>
    {
        WritePlace(json);
        json.WriteNumber("content_index", 0);
        json.WriteString(name, text);
        json.WriteStartArray("logprobs");
        json.WriteEndArray();
    };

    private Action<Utf8JsonWriter> Arguments(string name, string text) => json =>
    {
        WritePlace(json);
        json.WriteString(name, text);
    };

    private void WritePlace(Utf8JsonWriter json)
    {
        json.WriteString("item_id", response.ItemId);
        json.WriteNumber("output_index", 0);
    }
}
