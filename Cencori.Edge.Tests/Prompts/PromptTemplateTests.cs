using System.Text;
using System.Text.RegularExpressions;
using Cencori.Edge.Prompts;
using CsCheck;

namespace Cencori.Edge.Tests.Prompts;

/// <summary>Parsing and rendering of a prompt's content.</summary>
public sealed partial class PromptTemplateTests
{
    [Theory]
    [InlineData("Hello {{name}}!", "Hello <name>!", "name")]
    [InlineData("{{a}}{{ b }}{{\ta\n}}", "<a><b><a>", "a,b")]
    [InlineData("{{customer.first-name_2}}", "<customer.first-name_2>", "customer.first-name_2")]
    [InlineData("{{Name}} {{name}}", "<Name> <name>", "Name,name")]
    [InlineData("no placeholder {name} } {", "no placeholder {name} } {", "")]
    [InlineData("""{"a":{"b":{}}}""", """{"a":{"b":{}}}""", "")]
    [InlineData("""{"user":{{user}}}""", """{"user":<user>}""", "user")]
    [InlineData("{{{name}}}", "{<name>}", "name")]
    [InlineData("{{{{name}}}}", "{{<name>}}", "name")]
    [InlineData(@"\{{name}}", "{{name}}", "")]
    [InlineData(@"\{{{name}}}", "{{{name}}}", "")]
    [InlineData(@"\\{{name}}", @"\<name>", "name")]
    [InlineData(@"\\\{{name}}", @"\{{name}}", "")]
    [InlineData(@"\\\\{{{name}}", @"\\{<name>", "name")]
    [InlineData(@"C:\dir\{{name}}", @"C:\dir{{name}}", "")]
    [InlineData(@"a\b \\ \{ \} }}", @"a\b \\ \{ \} }}", "")]
    public void A_content_consists_of_text_and_placeholders(string content, string rendered, string variables)
    {
        var read = PromptTemplate.VariablesOf(content, out var problem);

        Assert.Null(problem);
        Assert.Equal(variables, string.Join(',', read!));
        Assert.Equal(rendered, PromptTemplate.Render(content, read!.ToDictionary(name => name, name => $"<{name}>")));
    }

    [Theory]
    [InlineData("", "1 to 65536 bytes")]
    [InlineData("a {{", "at character 3 of")]
    [InlineData("{{name", "at character 1 of")]
    [InlineData("{{name}", "at character 1 of")]
    [InlineData("{{}}", "at character 1 of")]
    [InlineData("{{ }}", "at character 1 of")]
    [InlineData("{{first name}}", "at character 1 of")]
    [InlineData("{{a{{b}}}}", "at character 1 of")]
    [InlineData("{{a|upper}}", "at character 1 of")]
    [InlineData("{{größe}}", "at character 1 of")]
    [InlineData("{{ok}} {{#if}}", "at character 8 of")]
    [InlineData("a\0b", "null character")]
    public void An_invalid_content_is_refused_with_its_position(string content, string message)
    {
        Assert.Null(PromptTemplate.VariablesOf(content, out var problem));

        Assert.Contains(message, problem!.Message, StringComparison.Ordinal);
        Assert.Equal("content", problem.Param);
    }

    [Fact]
    public void Length_and_number_of_variables_are_limited()
    {
        Assert.NotNull(PromptTemplate.VariablesOf(new string('é', 32_768), out _));
        Assert.Null(PromptTemplate.VariablesOf(new string('é', 32_768) + "a", out _));
        Assert.Equal(100, PromptTemplate.VariablesOf(Names(100), out _)!.Count);
        Assert.Null(PromptTemplate.VariablesOf(Names(101), out _));
        Assert.NotNull(PromptTemplate.VariablesOf($"{{{{{new string('n', 64)}}}}}", out _));
        Assert.Null(PromptTemplate.VariablesOf($"{{{{{new string('n', 65)}}}}}", out _));

        static string Names(int count) => string.Concat(Enumerable.Range(0, count).Select(number => $"{{{{n{number}}}}} {{{{n0}}}}"));
    }

    [Fact]
    public void Placeholders_in_values_are_not_replaced() => Assert.Equal(
        @"{{b}}/\{{a}}/{{a}}}}",
        PromptTemplate.Render("{{a}}/{{b}}/{{c}}", new() { ["a"] = "{{b}}", ["b"] = @"\{{a}}", ["c"] = "{{a}}}}" }));

    [Fact]
    public void A_result_that_is_too_long_is_not_rendered()
    {
        var content = string.Concat(Enumerable.Repeat("{{a}}", 1_024));

        Assert.Equal(PromptTemplate.MaxRendered, PromptTemplate.Render(content, new() { ["a"] = new string('x', 1_024) })!.Length);
        Assert.Null(PromptTemplate.Render(content + ".", new() { ["a"] = new string('x', 1_024) }));
        Assert.Null(PromptTemplate.Render(content, new() { ["a"] = new string('x', 3_000_000) }));
    }

    [Fact]
    public void Generated_contents_match_a_reference_with_regular_expressions() =>
        Gen.OneOfConst("{", "{{", "}", "}}", "\\", "a", "b_1", "-.", " ", "\n", "é", "{{a}}", "{{ b }}", "\\{{", "😀").Array[1, 12].Select(string.Concat).Sample(content =>
        {
            var expected = Reference(content, out var variables, out var isValid);
            var read = PromptTemplate.VariablesOf(content, out _);

            Assert.Equal(isValid ? variables.Distinct() : null, read);
            if (isValid)
            {
                Assert.Equal(expected, PromptTemplate.Render(content, variables.Distinct().ToDictionary(name => name, name => $"<{{{{{name}}}}}>")));
            }
        }, iter: 20_000);

    private static string Reference(string content, out List<string> variables, out bool isValid)
    {
        var (rendered, names, valid) = (new StringBuilder(), new List<string>(), true);
        while (Braces().Match(content) is { Success: true } match)
        {
            var (slashes, braces) = (match.Groups[1].Length, match.Groups[2].Length);
            rendered.Append(content, 0, match.Index).Append('\\', slashes / 2);
            content = content[(match.Index + match.Length)..];
            if (slashes % 2 == 1)
            {
                rendered.Append('{', braces);
            }
            else if (Placeholder().Match(content) is { Success: true } placeholder)
            {
                names.Add(placeholder.Groups[1].Value);
                rendered.Append('{', braces - 2).Append($"<{{{{{names[^1]}}}}}>");
                content = content[placeholder.Length..];
            }
            else
            {
                valid = false;
                break;
            }
        }

        (variables, isValid) = (names, valid);
        return rendered.Append(content).ToString();
    }

    [GeneratedRegex(@"(\\*)(\{{2,})")]
    private static partial Regex Braces();

    [GeneratedRegex(@"^[ \t\r\n]*([A-Za-z0-9_.-]{1,64})[ \t\r\n]*\}\}")]
    private static partial Regex Placeholder();
}
