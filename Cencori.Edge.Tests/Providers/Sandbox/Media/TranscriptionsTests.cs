using System.Net;
using System.Text.Json;
using Cencori.Edge.Providers.Sandbox;
using OpenAI.Audio;

namespace Cencori.Edge.Tests.Providers.Sandbox.Media;

public sealed class TranscriptionsTests : IDisposable
{
    private const string Path = "/v1/audio/transcriptions";
    private const string Text = "Hello from the sandbox, which has not listened to this recording.";

    private readonly HttpMessageInvoker _invoker = new(new SandboxHandler(TimeProvider.System));

    public void Dispose() => _invoker.Dispose();

    [Fact]
    public async Task JSON_has_the_text_and_the_duration()
    {
        var response = await JsonAsync(32_000, ("model", "whisper-1"));

        Assert.Equal(Text, response.GetProperty("text").GetString());
        Assert.Equal(("duration", 2), (response.GetProperty("usage").GetProperty("type").GetString(), response.GetProperty("usage").GetProperty("seconds").GetInt32()));
    }

    [Fact]
    public async Task Newer_models_report_tokens()
    {
        var usage = (await JsonAsync(32_000, ("model", "gpt-4o-transcribe"))).GetProperty("usage");

        Assert.Equal("tokens", usage.GetProperty("type").GetString());
        Assert.Equal(usage.GetProperty("total_tokens").GetInt32(), usage.GetProperty("input_tokens").GetInt32() + usage.GetProperty("output_tokens").GetInt32());
    }

    [Theory]
    [InlineData("text", Text + "\n")]
    [InlineData("srt", "1\n00:00:00,000 --> 00:00:03,000\n" + Text + "\n\n")]
    [InlineData("vtt", "WEBVTT\n\n00:00:00.000 --> 00:00:03.000\n" + Text + "\n\n")]
    public async Task Other_formats_are_plain_text(string format, string expected)
    {
        using var response = await SendAsync(Path, Form(48_000, ("model", "whisper-1"), ("response_format", format)));

        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Verbose_JSON_has_segments_or_words_as_requested()
    {
        var plain = await JsonAsync(32_000, ("model", "whisper-1"), ("response_format", "verbose_json"));
        var words = await JsonAsync(32_000, ("model", "whisper-1"), ("response_format", "verbose_json"), ("timestamp_granularities[]", "word"));

        Assert.Equal(("transcribe", "english", 2), (plain.GetProperty("task").GetString(), plain.GetProperty("language").GetString(), plain.GetProperty("duration").GetInt32()));
        Assert.Equal(Text, Assert.Single(plain.GetProperty("segments").EnumerateArray()).GetProperty("text").GetString());
        Assert.False(plain.TryGetProperty("words", out _));
        Assert.False(words.TryGetProperty("segments", out _));
        Assert.Equal(11, words.GetProperty("words").GetArrayLength());
        Assert.Equal(2, words.GetProperty("words")[10].GetProperty("end").GetDouble());
    }

    [Fact]
    public async Task A_stream_has_the_text_in_pieces_and_then_whole()
    {
        using var response = await SendAsync(Path, Form(10, ("model", "gpt-4o-mini-transcribe"), ("stream", "true")));
        var events = SandboxCalls.Data(await response.Content.ReadAsStringAsync()).Select(data => JsonElement.Parse(data)).ToList();

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        Assert.Equal(Text, string.Concat(events.SkipLast(1).Select(one => one.GetProperty("delta").GetString())));
        Assert.Equal(Text, events[^1].GetProperty("text").GetString());
        Assert.True(events[^1].TryGetProperty("usage", out _));
    }

    [Fact]
    public async Task Audio_of_the_largest_accepted_size_is_read_to_its_end()
    {
        var response = await JsonAsync(30 * 1024 * 1024, ("model", "whisper-1"));

        Assert.Equal((30 * 1024 * 1024) / 16_000, response.GetProperty("usage").GetProperty("seconds").GetInt32());
    }

    [Fact]
    public async Task A_translation_reports_its_task()
    {
        using var response = await SendAsync("/v1/audio/translations", Form(10, ("model", "whisper-1"), ("response_format", "verbose_json")));

        Assert.Equal("translate", JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("task").GetString());
    }

    [Theory]
    [InlineData("model", "whisper-1", false, "file")]
    [InlineData("other", "x", true, "model")]
    [InlineData("response_format", "pdf", true, "response_format")]
    public async Task A_missing_or_invalid_field_is_rejected_by_name(string field, string value, bool hasFile, string name)
    {
        (string, string)[] fields = field == "response_format" ? [(field, value), ("model", "whisper-1")] : [(field, value)];
        using var response = await SendAsync(Path, Form(hasFile ? 10 : null, fields));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(name, JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("param").GetString());
    }

    [Theory]
    [InlineData("sandbox/error-429", 429)]
    [InlineData("sandbox/error-500", 500)]
    public async Task The_failing_models_fail_here_too(string model, int status)
    {
        using var response = await SendAsync(Path, Form(10, ("model", model)));

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("application/json", "{}")]
    [InlineData("multipart/form-data", "--x\r\n")]
    [InlineData("multipart/form-data; boundary=\"\"", "--x\r\n")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=file\r\n\r\nabc")]
    [InlineData("multipart/form-data; boundary=x", "")]
    public async Task An_invalid_form_is_rejected(string type, string body)
    {
        using var response = await SendAsync(Path, new ByteArrayContent(System.Text.Encoding.ASCII.GetBytes(body)) { Headers = { ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type) } });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task The_official_SDK_reads_the_transcription()
    {
        var client = SandboxSdk.Client().GetAudioClient("whisper-1");
        var response = await client.TranscribeAudioAsync(new MemoryStream(new byte[100]), "a.wav", new AudioTranscriptionOptions { ResponseFormat = AudioTranscriptionFormat.Verbose });

        Assert.Equal(Text, response.Value.Text);
        Assert.Single(response.Value.Segments);
    }

    private async Task<JsonElement> JsonAsync(int soundBytes, params (string Name, string Value)[] fields)
    {
        using var response = await SendAsync(Path, Form(soundBytes, fields));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }

    private Task<HttpResponseMessage> SendAsync(string path, HttpContent content) =>
        _invoker.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"http://sandbox.invalid{path}") { Content = content }, CancellationToken.None);

    // The file comes first, as some clients send it.
    private static MultipartFormDataContent Form(int? soundBytes, params (string Name, string Value)[] fields)
    {
        var form = new MultipartFormDataContent();
        if (soundBytes is { } length)
        {
            form.Add(new StreamContent(new MemoryStream(new byte[length])), "file", "sound.wav");
        }

        foreach (var (name, value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        return form;
    }
}
