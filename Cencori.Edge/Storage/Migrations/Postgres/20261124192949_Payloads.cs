using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Payloads : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "LogsPayloads",
                table: "projects",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "request_payloads",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    ProjectId = table.Column<string>(type: "text", nullable: false),
                    RequestId = table.Column<string>(type: "text", nullable: false),
                    StartedAt = table.Column<long>(type: "bigint", nullable: false),
                    SealedRequest = table.Column<byte[]>(type: "bytea", nullable: true),
                    IsRequestTruncated = table.Column<bool>(type: "boolean", nullable: false),
                    SealedAnswer = table.Column<byte[]>(type: "bytea", nullable: true),
                    IsAnswerTruncated = table.Column<bool>(type: "boolean", nullable: false),
                    SealKeyId = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_request_payloads", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_request_payloads_ProjectId_RequestId",
                table: "request_payloads",
                columns: new[] { "ProjectId", "RequestId" });

            migrationBuilder.CreateIndex(
                name: "IX_request_payloads_StartedAt",
                table: "request_payloads",
                column: "StartedAt");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "request_payloads");

            migrationBuilder.DropColumn(
                name: "LogsPayloads",
                table: "projects");
        }
    }
}
