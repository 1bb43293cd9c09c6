using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Cencori.Edge.Storage.Migrations.Sqlite
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
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "request_payloads",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    ProjectId = table.Column<string>(type: "TEXT", nullable: false),
                    RequestId = table.Column<string>(type: "TEXT", nullable: false),
                    StartedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    SealedRequest = table.Column<byte[]>(type: "BLOB", nullable: true),
                    IsRequestTruncated = table.Column<bool>(type: "INTEGER", nullable: false),
                    SealedAnswer = table.Column<byte[]>(type: "BLOB", nullable: true),
                    IsAnswerTruncated = table.Column<bool>(type: "INTEGER", nullable: false),
                    SealKeyId = table.Column<string>(type: "TEXT", nullable: false)
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
