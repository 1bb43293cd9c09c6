using System.Text;
using Cencori.Edge.Bodies;
using Cencori.Edge.Bodies.Multipart;
using static Cencori.Edge.Tests.Bodies.Multipart.SomeForm;

namespace Cencori.Edge.Tests.Bodies.Multipart;

public class MultipartModelReaderTests
{
    [Theory]
    [InlineData("name=\"model\"")]
    [InlineData("name=model")]
    [InlineData("NAME=\"model\"")]
    [InlineData("name=\"mo\\del\"")]
    [InlineData("name=\"model\"\r\nContent-Type: text/plain; charset=utf-8")]
    public async Task The_model_is_found_however_its_name_is_written(string header)
    {
        using var prefix = await ReadAsync(Form(Part(header, "whisper-1")));

        Assert.Equal("whisper-1", prefix.Model);
    }

    [Fact]
    public async Task Header_names_are_read_in_any_case()
    {
        using var prefix = await ReadAsync($"--{Boundary} \t\r\ncontent-type: text/plain\r\nCONTENT-DISPOSITION:form-data;name=model\r\n\r\nm\r\n--{Boundary}--");

        Assert.Equal("m", prefix.Model);
    }

    [Fact]
    public async Task Nothing_after_the_model_is_read_until_the_stream_is_read()
    {
        var head = $"--{Boundary}\r\n{Disposition("name=model")}\r\n\r\nwhisper-1\r\n--{Boundary}\r\n";
        var form = new PiecewiseStream(Encoding.UTF8.GetBytes(Form(Part("name=model", "whisper-1"), Part("name=file; filename=f", new string('x', 100_000)))), 1);

        using var prefix = (await MultipartModelReader.ReadAsync(form, Boundary, 1_000, default)).Prefix!;

        Assert.Equal(head.Length, form.Position);
        Assert.Equal(head.Length, prefix.Length);
    }

    [Fact]
    public async Task A_form_buffered_whole_includes_the_bytes_after_its_end()
    {
        var form = Encoding.UTF8.GetBytes(Form(Part("name=model", "m"), FilePart));
        var more = Encoding.UTF8.GetBytes("more of it");

        using var prefix = (await MultipartModelReader.ReadAsync(new PiecewiseStream([.. form, .. more], form.Length), Boundary, 1_000_000, default, readsWholeForm: true)).Prefix!;
        Assert.EndsWith("--\r\nmore of it", Encoding.UTF8.GetString(prefix.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_zero_byte_read_does_not_read_from_the_caller_while_bytes_are_buffered()
    {
        var form = new PiecewiseStream(Encoding.UTF8.GetBytes(Form(Part("name=model", "m"), FilePart)), 1);
        using var prefix = (await MultipartModelReader.ReadAsync(form, Boundary, 1_000, default)).Prefix!;
        var position = form.Position;

        var read = prefix.OpenStream().ReadAsync(Memory<byte>.Empty);

        Assert.True(read.IsCompletedSuccessfully);
        Assert.Equal(0, await read);
        Assert.Equal(position, form.Position);
    }

    [Fact]
    public async Task A_file_before_the_model_is_buffered_up_to_the_limit()
    {
        var form = Encoding.UTF8.GetBytes(Form(Part("name=file; filename=f", new string('x', 100_000)), Part("name=model", "m")));

        using var prefix = (await MultipartModelReader.ReadAsync(new PiecewiseStream(form, 1_000), Boundary, form.Length, default)).Prefix!;
        var tooLarge = await MultipartModelReader.ReadAsync(new PiecewiseStream(form, 1_000), Boundary, 100_000, default);

        Assert.Equal("m", prefix.Model);
        Assert.True(tooLarge.IsTooLarge);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\nepilogue")]
    public async Task A_form_without_a_model_has_none(string epilogue)
    {
        var form = Form(FilePart, Part("name=language", "model")) + epilogue;

        using var prefix = await ReadAsync(form);

        Assert.Null(prefix.Model);
        Assert.Throws<InvalidOperationException>(() => prefix.ReplaceModel("m"));
        Assert.Equal(form, Encoding.UTF8.GetString(await AllAsync(prefix, copy: true)));
    }

    [Fact]
    public async Task A_form_without_parts_has_no_model()
    {
        using var prefix = await ReadAsync($"--{Boundary}--\r\n");

        Assert.Null(prefix.Model);
    }

    [Fact]
    public async Task A_model_may_have_256_characters_and_no_more()
    {
        using var prefix = await ReadAsync(Form(Part("name=model", new string('漢', 256))));

        Assert.Equal(256, prefix.Model!.Length);
        Assert.Equal("model", (await RefusedAsync(Form(Part("name=model", new string('m', 257))))).Param);
        Assert.Equal("model", (await RefusedAsync(Form(Part("name=model", new string('m', 100_000))))).Param);
    }

    public static TheoryData<string, string?> Malformed() => new()
    {
        { "", null },
        { "preamble\r\n" + Form(Part("name=model", "m")), null },
        { Form(Part("name=model", "m"))[..^4], null },
        { $"--{Boundary}\r\n\r\nm\r\n--{Boundary}--", null },
        { $"--{Boundary}\r\nContent-Type: text/plain\r\n\r\nm\r\n--{Boundary}--", null },
        { $"--{Boundary}x\r\n{Disposition("name=model")}\r\n\r\nm\r\n--{Boundary}--", null },
        { $"--{Boundary}{new string(' ', 100)}\r\n{Disposition("name=model")}\r\n\r\nm\r\n--{Boundary}--", null },
        { Form(Part("name=a", $"x\r\n--{Boundary}y"), Part("name=model", "m")), null },
        { Form(Part("name=a", $"--{Boundary}\r\n{Disposition("name=model")}\r\n\r\nx"), Part("name=model", "m")), null },
        { Form(Part("name=a; name=model", "m")), null },
        { Form(Part("name=a; name*=UTF-8''model", "m")), null },
        { Form(Part("name=\"model", "m")), null },
        { Form(Part("x=y", "m")), null },
        { Form(Part("\r\n name=model", "m")), null },
        { Form(Part("name=a\nX: y", "m")), null },
        { Form(Part("name=a\r\nContent-Disposition: form-data; name=model", "m")), null },
        { Form(Part($"name=a\r\nX: {new string('x', 20_000)}", "m")), null },
        { Form(Part("name=Model", "m")), "model" },
        { Form(Part("name=model; filename=m", "m")), "model" },
        { Form(Part("name=model", "")), "model" },
        { Form(Part("name=model", "a\r\nb")), "model" },
        { Form(Part("name=model", "a\n")), "model" },
        { Form(Part("name=model", "\ra")), "model" },
        { Form(Part("name=model", "a"), Part("name=model", "b")), "model" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_form_that_two_parsers_could_read_differently_is_refused(string form, string? param) =>
        Assert.Equal(param, (await RefusedAsync(form)).Param);

    [Theory]
    [InlineData(1)]
    [InlineData(70)]
    [InlineData(100_000)]
    public async Task A_second_model_far_behind_breaks_the_stream_before_it_reaches_the_provider(int piece)
    {
        var form = Encoding.UTF8.GetBytes(Form(Part("name=model", "cheap"), Part("name=file; filename=f", new string('x', 50_000)), Part("name=model", "dear")));
        using var prefix = (await ReadAsync(form, [100, .. Enumerable.Repeat(piece, 100_000)])).Prefix!;
        var received = new MemoryStream();

        await Assert.ThrowsAsync<InvalidDataException>(() => prefix.OpenStream().CopyToAsync(received));

        Assert.DoesNotContain("dear", Encoding.UTF8.GetString(received.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_read_after_disposal_of_the_prefix_fails()
    {
        var prefix = await ReadAsync(Form(Part("name=model", "m")));
        var stream = prefix.OpenStream();
        stream.ReadExactly(new byte[prefix.Length]);
        prefix.Dispose();

        Assert.Throws<ObjectDisposedException>(() => stream.ReadByte());
    }

    [Fact]
    public async Task A_model_with_a_line_break_cannot_replace_the_model()
    {
        using var prefix = await ReadAsync(Form(Part("name=model", "m")));

        Assert.Throws<ArgumentException>(() => prefix.ReplaceModel($"m\r\n--{Boundary}--"));
    }

    private static async Task<RequestProblem> RefusedAsync(string form)
    {
        var whole = await ReadAsync(Encoding.UTF8.GetBytes(form), [int.MaxValue]);
        Assert.NotNull(whole.Problem);
        Assert.False(whole.IsTooLarge);
        return whole.Problem.Value;
    }
}
